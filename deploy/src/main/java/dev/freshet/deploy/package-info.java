/**
 * The product: {@code cli} is what a person types, {@code config} what they wrote, {@code pipeline} the running service, {@code run} the one-shot
 * commands, {@code demo} the show. Only this module sees all the others.
 */
@NullMarked
package dev.freshet.deploy;

import org.jspecify.annotations.NullMarked;
