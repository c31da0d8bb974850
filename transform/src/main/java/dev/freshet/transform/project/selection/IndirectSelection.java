package dev.freshet.transform.project.selection;

import java.util.Locale;

/** When the tests of selected nodes are selected too ({@code --indirect-selection}). */
public enum IndirectSelection {
    /** Any node that the test reads is selected. */
    EAGER,
    /** All nodes that the test reads are selected. */
    CAUTIOUS,
    /** All nodes that the test reads are selected, or are read by selected ones. */
    BUILDABLE,
    /** Never: only tests that are selected themselves. */
    EMPTY;

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
