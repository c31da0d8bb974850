/**
 * The documents that dbt writes of a project, {@code manifest.json} among them, in its own terms.
 */
@NullMarked
package dev.freshet.transform.project.manifest;

import org.jspecify.annotations.NullMarked;
