/** The order in which nodes depend on each other. */
@NullMarked
package dev.freshet.transform.project.graph;

import org.jspecify.annotations.NullMarked;
