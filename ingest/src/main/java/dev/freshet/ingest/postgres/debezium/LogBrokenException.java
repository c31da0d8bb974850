package dev.freshet.ingest.postgres.debezium;

/** The stream ended. Its message is the innermost one, which is the server's own where the server spoke. */
public final class LogBrokenException extends RuntimeException {

    LogBrokenException(Throwable cause) {
        super(innermost(cause), cause);
    }

    private static String innermost(Throwable cause) {
        String message = cause.getClass().getSimpleName();
        Throwable current = cause;
        // Bounded: a chain of causes may be a ring.
        for (int depth = 0; current != null && depth < 20; depth++) {
            if (current.getMessage() != null && !current.getMessage().equals(String.valueOf(current.getCause()))) {
                message = current.getMessage();
            }
            current = current.getCause();
        }
        return message;
    }
}
