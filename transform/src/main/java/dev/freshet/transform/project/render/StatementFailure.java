package dev.freshet.transform.project.render;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.jinja.JinjaException;

/** A statement that the database refused, as opposed to a template that went wrong. Its message is the database's. */
public final class StatementFailure extends FreshetException {

    private static final long serialVersionUID = 1L;

    private final String place;

    StatementFailure(JinjaException located, FreshetException cause) {
        super(ErrorKind.TARGET, String.valueOf(cause.getMessage()), cause);
        this.place = String.valueOf(located.location());
    }

    /** The file and line of the template that ran the statement. */
    public String place() {
        return place;
    }
}
