/** What a person reads and how they stop it: lines, tables, warnings, the log file and signals. */
@NullMarked
package dev.freshet.deploy.cli.terminal;

import org.jspecify.annotations.NullMarked;
