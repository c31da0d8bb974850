/** Snapshots that the service keeps: which rows changed, came and went since the last look, as queries of the state store. */
@NullMarked
package dev.freshet.transform.snapshot;

import org.jspecify.annotations.NullMarked;
