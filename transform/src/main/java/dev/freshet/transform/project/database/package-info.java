/** The databases that templates ask while they are compiled, read only. */
@NullMarked
package dev.freshet.transform.project.database;

import org.jspecify.annotations.NullMarked;
