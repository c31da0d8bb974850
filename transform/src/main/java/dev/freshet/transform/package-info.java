/**
 * The dbt project and what becomes of it: {@code project} reads files into data, {@code jinja} renders them, {@code plan} decides how each model is
 * kept and keeps it.
 */
@NullMarked
package dev.freshet.transform;

import org.jspecify.annotations.NullMarked;
