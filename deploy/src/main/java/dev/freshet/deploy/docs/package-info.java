/** A project's documentation as one page that needs no server. */
@NullMarked
package dev.freshet.deploy.docs;

import org.jspecify.annotations.NullMarked;
