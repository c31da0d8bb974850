/** dbt's node selection syntax. */
@NullMarked
package dev.freshet.transform.project.selection;

import org.jspecify.annotations.NullMarked;
