/** The options that several commands share, by dbt's names, and what they say about the project. */
@NullMarked
package dev.freshet.deploy.cli.options;

import org.jspecify.annotations.NullMarked;
