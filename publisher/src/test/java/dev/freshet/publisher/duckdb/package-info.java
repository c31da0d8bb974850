/** DuckDB files as targets, for real. */
@NullMarked
package dev.freshet.publisher.duckdb;

import org.jspecify.annotations.NullMarked;
