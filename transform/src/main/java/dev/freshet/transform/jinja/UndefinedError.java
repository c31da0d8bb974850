package dev.freshet.transform.jinja;

/** An undefined value was used where it has to have a value. */
final class UndefinedError extends PythonError {

    private final transient Undefined undefined;

    UndefinedError(Undefined undefined) {
        super(undefined.message());
        this.undefined = undefined;
    }

    Undefined undefined() {
        return undefined;
    }
}
