package dev.freshet.deploy;

import dev.freshet.deploy.cli.FreshetCommand;

/** The entry of the {@code freshet} launcher. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(FreshetCommand.run(arguments));
    }
}
