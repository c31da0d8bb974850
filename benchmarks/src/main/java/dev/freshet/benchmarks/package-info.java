/**
 * End-to-end benchmarks: each runs the product's own classes against real servers, beside a baseline where there is one, and ends with one
 * {@code RESULT} line.
 */
@NullMarked
package dev.freshet.benchmarks;

import org.jspecify.annotations.NullMarked;
