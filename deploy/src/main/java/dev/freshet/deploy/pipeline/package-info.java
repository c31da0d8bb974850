/** The running service: the cycle, the threads around it, and their assembly. */
@NullMarked
package dev.freshet.deploy.pipeline;

import org.jspecify.annotations.NullMarked;
