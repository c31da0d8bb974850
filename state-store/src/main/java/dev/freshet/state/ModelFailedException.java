package dev.freshet.state;

import org.jspecify.annotations.Nullable;

/** One model could not be computed. The cycle runs again without it and its descendants, so a caller branches on this. */
public final class ModelFailedException extends FreshetException {

    private final TableId model;

    public ModelFailedException(TableId model, String message, @Nullable Throwable cause) {
        super(ErrorKind.USER, message, cause);
        this.model = model;
    }

    public TableId model() {
        return model;
    }
}
