/** The packages that a project asks for: reading what it wants, fetching and putting them under dbt_packages. */
@NullMarked
package dev.freshet.transform.project.deps;

import org.jspecify.annotations.NullMarked;
