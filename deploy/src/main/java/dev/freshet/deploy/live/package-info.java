/** Models whose SQL runs on their own target while the service runs: they read live tables there and are run again after these changed. */
@NullMarked
package dev.freshet.deploy.live;

import org.jspecify.annotations.NullMarked;
