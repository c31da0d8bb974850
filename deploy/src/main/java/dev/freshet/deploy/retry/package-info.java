/** When what failed is tried again. */
@NullMarked
package dev.freshet.deploy.retry;

import org.jspecify.annotations.NullMarked;
