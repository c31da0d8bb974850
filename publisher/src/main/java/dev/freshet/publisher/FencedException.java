package dev.freshet.publisher;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;

/** Another instance with a higher epoch has delivered here: this one must stop. Nothing was changed. */
public final class FencedException extends FreshetException {

    private static final long serialVersionUID = 1L;

    public FencedException(String message) {
        super(ErrorKind.USER, message);
    }
}
