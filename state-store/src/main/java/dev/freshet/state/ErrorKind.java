package dev.freshet.state;

/** Whose move it is after a {@link FreshetException}. */
public enum ErrorKind {
    /** The user's input is wrong: a project file, a setting, a command line. Mending it is the remedy; retrying is not. */
    USER,
    /** A source database refused, vanished or lacks a right. */
    SOURCE,
    /** A target refused, vanished or lacks a right. */
    TARGET,
    /** Nothing was changed and the same call may succeed later. */
    RETRYABLE,
    /** A commit was sent and its answer never came: it may or may not have happened. The caller must read before it writes again. */
    OUTCOME_UNKNOWN,
    /** A defect of Freshet. */
    INTERNAL
}
