/**
 * Delivery of deltas to targets. A {@link dev.freshet.publisher.Target} applies the net change since its own ledger's cut and moves the ledger in
 * the same transaction; a {@link dev.freshet.publisher.Publisher} does so for one target at its own pace.
 */
@NullMarked
package dev.freshet.publisher;

import org.jspecify.annotations.NullMarked;
