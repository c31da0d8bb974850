package dev.freshet.transform.jinja;

/**
 * One token.
 *
 * @param value the text, or a literal's value
 * @param start where the token starts in the source, and {@code end} where it ends
 */
record Token(TokenType type, Object value, int line, int start, int end) {

    boolean is(TokenType wanted) {
        return type == wanted;
    }

    boolean isName(String name) {
        return type == TokenType.NAME && value.equals(name);
    }

    String text() {
        return value.toString();
    }

    String describe() {
        return switch (type) {
            case NAME, INTEGER, FLOAT -> "'" + value + "'";
            case STRING -> PythonValues.repr(value);
            case DATA, END -> type.text();
            default -> "'" + type.text() + "'";
        };
    }
}
