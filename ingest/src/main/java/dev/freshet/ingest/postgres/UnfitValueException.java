package dev.freshet.ingest.postgres;

/** A single value does not fit: its row is poison. Says what kind of value it is, never the value. */
final class UnfitValueException extends RuntimeException {

    UnfitValueException(String reason) {
        super(reason, null, false, false);
    }
}
