/**
 * The state store on DuckDB: one file, one writing connection, readers on duplicates of it. {@link dev.freshet.state.duckdb.DuckDbStateStore}
 * is the way in. No DuckDB or JDBC type leaves this package.
 *
 * <p>In the file: schema {@code freshet} holds what the store knows about itself, {@code mirror} one table per source table, {@code
 * delta_log} the row changes of each model, and one schema per {@link dev.freshet.state.StateNames#schema} the views on the mirrors and the
 * models' outputs, which are all that a model's SQL names.
 */
@NullMarked
package dev.freshet.state.duckdb;

import org.jspecify.annotations.NullMarked;
