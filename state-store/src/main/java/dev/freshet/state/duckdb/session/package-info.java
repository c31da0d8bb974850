/**
 * One connection at work: statements that are kept parsed or planned, working tables, look-ups of few values in large tables, and
 * results that are read row by row.
 */
@NullMarked
package dev.freshet.state.duckdb.session;

import org.jspecify.annotations.NullMarked;
