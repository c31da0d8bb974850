/** Settings as the user wrote them, checked, with every default in one place. */
@NullMarked
package dev.freshet.deploy.config;

import org.jspecify.annotations.NullMarked;
