package dev.freshet.publisher.postgres;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;

/** A table can't be brought to the cut for a reason of its own; the others go on. */
final class TableHeldException extends FreshetException {

    private static final long serialVersionUID = 1L;

    TableHeldException(ErrorKind kind, String message) {
        super(kind, message);
    }
}
