/** What dbt's templates see: ref, source, config, relations, the target, macros. */
@NullMarked
package dev.freshet.transform.project.render;

import org.jspecify.annotations.NullMarked;
