/**
 * A DuckDB file: how it is opened, who may open it, what is not told of it, and what its errors mean. The one room of the store
 * that other modules enter by more than {@link dev.freshet.state.duckdb.DuckDbStateStore}: targets and connections that are such files have the same traps.
 */
@NullMarked
package dev.freshet.state.duckdb.file;

import org.jspecify.annotations.NullMarked;
