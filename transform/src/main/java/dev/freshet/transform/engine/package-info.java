/** Where a model's SQL runs outside the state store: on its own target, as dbt would run it. */
@NullMarked
package dev.freshet.transform.engine;

import org.jspecify.annotations.NullMarked;
