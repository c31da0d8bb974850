package dev.freshet.transform.jinja;

/** Rendering as text. */
final class TextOutput implements Output {

    /** SQL of this size is a runaway loop. */
    private static final int MAX_LENGTH = 200_000_000;

    private final StringBuilder out = new StringBuilder();

    @Override
    public void text(String text) {
        if (out.length() + (long) text.length() > MAX_LENGTH) {
            throw new PythonError("the rendered text is longer than " + MAX_LENGTH + " characters");
        }
        out.append(text);
    }

    @Override
    public void value(Object value) {
        text(PythonValues.text(value));
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
