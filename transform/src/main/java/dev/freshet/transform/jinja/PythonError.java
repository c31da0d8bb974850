package dev.freshet.transform.jinja;

/**
 * An operation on values that Python would refuse. Host functions and objects may throw it; the interpreter turns it into a {@link JinjaException}
 * with the place in the template.
 */
public class PythonError extends RuntimeException {

    public PythonError(String message) {
        super(message);
    }
}
