/** How each model is kept, and the keeping of it. */
@NullMarked
package dev.freshet.transform.plan;

import org.jspecify.annotations.NullMarked;
