package dev.freshet.transform.jinja;

import java.util.List;

/** The tokens, with what a recursive-descent parser asks of them. */
final class TokenStream {

    private final String file;
    private final List<Token> tokens;
    private int next;

    TokenStream(String file, List<Token> tokens) {
        this.file = file;
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(next);
    }

    Token look() {
        return tokens.get(Math.min(next + 1, tokens.size() - 1));
    }

    Token previous() {
        return tokens.get(next - 1);
    }

    Token next() {
        Token token = current();
        if (next < tokens.size() - 1) {
            next++;
        }
        return token;
    }

    boolean skipIf(TokenType type) {
        boolean found = current().is(type);
        if (found) {
            next();
        }
        return found;
    }

    boolean skipIfName(String name) {
        boolean found = current().isName(name);
        if (found) {
            next();
        }
        return found;
    }

    Token expect(TokenType type) {
        if (!current().is(type)) {
            throw error("expected '" + type.text() + "', found " + current().describe());
        }
        return next();
    }

    String expectName() {
        if (!current().is(TokenType.NAME)) {
            throw error("expected a name, found " + current().describe());
        }
        return next().text();
    }

    void expectName(String name) {
        if (!skipIfName(name)) {
            throw error("expected '" + name + "', found " + current().describe());
        }
    }

    JinjaException error(String what) {
        return error(current().line(), what);
    }

    JinjaException error(int line, String what) {
        return new JinjaException(new SourceLocation(file, line), what);
    }
}
