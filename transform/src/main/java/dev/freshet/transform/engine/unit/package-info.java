/** Compares what a unit test got with what it expects. */
@NullMarked
package dev.freshet.transform.engine.unit;

import org.jspecify.annotations.NullMarked;
