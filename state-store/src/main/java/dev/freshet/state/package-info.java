/**
 * The language and memory of Freshet. Every other module speaks in these types: what a table is, what changed in it, how far a source has
 * been read, and which cut of all sources the maintained models stand at. Data flows one way through them: {@link
 * dev.freshet.state.RowChange} (captured) to {@link dev.freshet.state.StagedBatch} (durable) to {@link dev.freshet.state.TableDelta} (exact)
 * to a target.
 */
@NullMarked
package dev.freshet.state;

import org.jspecify.annotations.NullMarked;
