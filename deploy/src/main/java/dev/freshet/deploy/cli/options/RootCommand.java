package dev.freshet.deploy.cli.options;

import dev.freshet.deploy.cli.terminal.Terminal;

/** The command that all others are commands of: what is said for every one of them. */
public interface RootCommand {

    GlobalOptions globals();

    Terminal terminal();
}
