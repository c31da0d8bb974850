/** A dbt project as data: what the user wrote, rendered and resolved, apart from what runs. */
@NullMarked
package dev.freshet.transform.project;

import org.jspecify.annotations.NullMarked;
