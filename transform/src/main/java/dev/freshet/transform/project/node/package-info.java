/**
 * The nodes of a project: what was read of each (models, tests, snapshots, sources), the files and packages that they come from, and
 * their configuration as it is meant.
 */
@NullMarked
package dev.freshet.transform.project.node;

import org.jspecify.annotations.NullMarked;
