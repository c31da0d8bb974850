/**
 * A DuckDB file as a target: opened for each delivery, so that others read it in between; all tables of a delivery and the ledger move in one
 * transaction. The library's types stay in here.
 */
@NullMarked
package dev.freshet.publisher.duckdb;

import org.jspecify.annotations.NullMarked;
