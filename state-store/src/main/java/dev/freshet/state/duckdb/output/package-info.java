/**
 * The stored outputs of models: rows that came and went, kept totals, the delta log, and what is computed beside the cycles.
 */
@NullMarked
package dev.freshet.state.duckdb.output;

import org.jspecify.annotations.NullMarked;
