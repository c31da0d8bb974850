package dev.freshet.transform.project.render;

/** Which of dbt's renderings of a model is going on. */
public enum Phase {
    /** {@code execute} is false: references and configuration are captured, the text is thrown away. */
    PARSE,
    /** {@code execute} is true: references are resolved, the text is what runs. */
    COMPILE,
    /** Like {@code COMPILE}, while the node runs: its statements change the database. */
    RUN
}
