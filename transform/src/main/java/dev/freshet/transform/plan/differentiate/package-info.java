/** Computing the affected rows of a model instead of all. */
@NullMarked
package dev.freshet.transform.plan.differentiate;

import org.jspecify.annotations.NullMarked;
