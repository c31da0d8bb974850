/** What a person types: the verbs, their options, what they print and their exit codes. */
@NullMarked
package dev.freshet.deploy.cli;

import org.jspecify.annotations.NullMarked;
