/** Jinja as dbt speaks it. */
@NullMarked
package dev.freshet.transform.jinja;

import org.jspecify.annotations.NullMarked;
