/** One-shot commands. */
@NullMarked
package dev.freshet.deploy.run;

import org.jspecify.annotations.NullMarked;
