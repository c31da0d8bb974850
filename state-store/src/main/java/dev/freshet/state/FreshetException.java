package dev.freshet.state;

import org.jspecify.annotations.Nullable;

/**
 * The one exception that crosses packages. Its message is written for the person who has to act: what failed, the object in quotes, what to
 * do next. It never contains a secret.
 */
public class FreshetException extends RuntimeException {

    private final ErrorKind kind;

    public FreshetException(ErrorKind kind, String message) {
        this(kind, message, null);
    }

    public FreshetException(ErrorKind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public ErrorKind kind() {
        return kind;
    }
}
