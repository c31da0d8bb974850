/** YAML 1.1 as dbt reads it, with a file and a line for every value. SnakeYAML stays in here. */
@NullMarked
package dev.freshet.transform.project.yaml;

import org.jspecify.annotations.NullMarked;
