package dev.freshet.state;

/** Whether what has another living owner (a pipeline, its slot and publication) may be taken from it. */
public enum Takeover {
    REFUSED,
    ALLOWED
}
