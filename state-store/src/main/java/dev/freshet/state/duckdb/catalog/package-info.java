/**
 * What the store knows about itself: the tables of schema {@code freshet}, where mirrors and outputs lie, and what a cycle has found
 * out about them.
 */
@NullMarked
package dev.freshet.state.duckdb.catalog;

import org.jspecify.annotations.NullMarked;
