/**
 * From files to nodes: SQL files, property files, docs blocks and unit tests, and the rules that they must keep.
 */
@NullMarked
package dev.freshet.transform.project.parse;

import org.jspecify.annotations.NullMarked;
