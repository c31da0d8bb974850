/** Contract suite and tests of delivery. */
@NullMarked
package dev.freshet.publisher;

import org.jspecify.annotations.NullMarked;
