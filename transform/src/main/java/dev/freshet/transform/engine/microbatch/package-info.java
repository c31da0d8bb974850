/** Which batches a microbatch model runs, and how they ended. */
@NullMarked
package dev.freshet.transform.engine.microbatch;

import org.jspecify.annotations.NullMarked;
