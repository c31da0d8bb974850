/**
 * Pieces of SQL in DuckDB's dialect, and the values and types of its answers: texts in, texts out, no connection.
 */
@NullMarked
package dev.freshet.state.duckdb.sql;

import org.jspecify.annotations.NullMarked;
