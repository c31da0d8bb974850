package dev.freshet.transform.project.node;

import java.util.Locale;

/** The kinds of nodes that a dbt project has. */
public enum ResourceType {
    MODEL("models"),
    SEED("seeds"),
    SNAPSHOT("snapshots"),
    TEST("data_tests"),
    ANALYSIS("analyses"),
    OPERATION("operations"),
    /** A template of the command line: {@code show --inline}. */
    SQL_OPERATION("sql operations"),
    SOURCE("sources"),
    EXPOSURE("exposures"),
    UNIT_TEST("unit_tests");

    private final String section;

    ResourceType(String section) {
        this.section = section;
    }

    /** {@code model}, {@code unit_test}: the first part of a node's unique id. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The section of dbt_project.yml that configures them. */
    public String section() {
        return section;
    }

    /** Whether {@code ref} can mean one. */
    public boolean isReferable() {
        return this == MODEL || this == SEED || this == SNAPSHOT;
    }
}
