/** From rendered text to the SQL that runs. */
@NullMarked
package dev.freshet.transform.project.compile;

import org.jspecify.annotations.NullMarked;
