/** TPC-H: the generated tables, a stream of changes to them, and the 22 queries as models of a project. */
@NullMarked
package dev.freshet.testkit.tpch;

import org.jspecify.annotations.NullMarked;
