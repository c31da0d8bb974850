package dev.freshet.transform.jinja;

/** dbt's {@code return(value)}: ends the innermost macro with a value instead of text. */
final class ReturnSignal extends RuntimeException {

    private final transient Object value;

    ReturnSignal(Object value) {
        super("return", null, false, false);
        this.value = value;
    }

    Object value() {
        return value;
    }
}
