package dev.freshet.deploy.cli.terminal;

import picocli.CommandLine.IVersionProvider;

/** What {@code --version} and the first log line say. */
public final class Version implements IVersionProvider {

    public static final String FRESHET = "0.1.0";
    /** The line of dbt whose language and behaviour are followed. */
    static final String DBT = "1.12.0";

    @Override
    public String[] getVersion() {
        return new String[] {"freshet " + FRESHET + " (dbt " + DBT + ")", "Java " + Runtime.version()};
    }
}
