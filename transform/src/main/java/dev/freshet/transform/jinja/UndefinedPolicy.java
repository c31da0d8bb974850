package dev.freshet.transform.jinja;

/** What may be done with an undefined value. */
public enum UndefinedPolicy {
    /** As dbt renders: it prints as nothing, and calling it, reading a member of it or calculating with it is an error. */
    RENDER,
    /** As dbt parses: reading a member of it or calling it gives an undefined again, so that a template can be walked before everything is known. */
    CAPTURE,
    /** Stricter than dbt: printing and iterating over it is an error too. */
    STRICT
}
