/** Test scope only: real servers, workloads and fault injection for the other modules' tests. */
@NullMarked
package dev.freshet.testkit;

import org.jspecify.annotations.NullMarked;
