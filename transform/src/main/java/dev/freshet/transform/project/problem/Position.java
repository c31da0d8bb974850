package dev.freshet.transform.project.problem;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;

/**
 * A place in a file of the project.
 *
 * @param file relative to the project directory, or absolute when it lies elsewhere
 * @param line from 1
 */
public record Position(String file, int line) {

    /** The user's mistake at this place, to be thrown or collected. */
    public FreshetException mistake(String message) {
        return new FreshetException(ErrorKind.USER, this + ": " + message);
    }

    /** {@code file:line}, as editors and terminals understand it. */
    @Override
    public String toString() {
        return file + ":" + line;
    }
}
