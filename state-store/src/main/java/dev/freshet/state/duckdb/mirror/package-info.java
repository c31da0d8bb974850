/**
 * The mirrors of source tables: staged events land, are folded into rows, compared with the mirror by row hash, and become the exact
 * changes of a table.
 */
@NullMarked
package dev.freshet.state.duckdb.mirror;

import org.jspecify.annotations.NullMarked;
