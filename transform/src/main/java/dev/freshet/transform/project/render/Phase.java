package dev.freshet.transform.project.render;

/** Which of dbt's two renderings of a model is going on. */
public enum Phase {
    /** {@code execute} is false: references and configuration are captured, the text is thrown away. */
    PARSE,
    /** {@code execute} is true: references are resolved, the text is what runs. */
    COMPILE
}
