/** Runs a project's nodes on their own targets, as dbt runs them. */
@NullMarked
package dev.freshet.transform.engine;

import org.jspecify.annotations.NullMarked;
