/** Nodes at work: compiled with what they refer to, run in sessions, with their hooks, batches, unit tests and files in the target directory. */
@NullMarked
package dev.freshet.transform.project.execute;

import org.jspecify.annotations.NullMarked;
