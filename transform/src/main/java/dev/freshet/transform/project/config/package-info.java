/** dbt_project.yml, profiles.yml and properties files as data. */
@NullMarked
package dev.freshet.transform.project.config;

import org.jspecify.annotations.NullMarked;
