/** The Python modules that dbt hands to templates as {@code modules}. */
@NullMarked
package dev.freshet.transform.jinja.modules;

import org.jspecify.annotations.NullMarked;
