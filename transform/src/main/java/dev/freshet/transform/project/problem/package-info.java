/** What a user got wrong, where, and the nearest right name. */
@NullMarked
package dev.freshet.transform.project.problem;

import org.jspecify.annotations.NullMarked;
