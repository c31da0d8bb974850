/**
 * The state store on DuckDB: one file, one writing connection, readers on duplicates of it. {@link dev.freshet.state.duckdb.DuckDbStateStore}
 * is the way in. No DuckDB or JDBC type leaves these packages.
 *
 * <p>The rooms, each knowing only those before it: {@code sql} writes pieces of SQL, {@code file} opens a database file, {@code session} runs
 * statements, {@code catalog} knows what the store has, {@code mirror} brings source tables up to date, {@code output} the models' rows. What is
 * in this package puts them together to a store, its transactions and its snapshots. Other modules use this one and {@code file}.
 *
 * <p>In the file: schema {@code freshet} holds what the store knows about itself, {@code mirror} one table per source table, {@code
 * delta_log} the row changes of each model, and one schema per {@link dev.freshet.state.StateNames#schema} the views on the mirrors and the
 * models' outputs, which are all that a model's SQL names.
 */
@NullMarked
package dev.freshet.state.duckdb;

import org.jspecify.annotations.NullMarked;
