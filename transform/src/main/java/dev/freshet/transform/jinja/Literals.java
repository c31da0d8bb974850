package dev.freshet.transform.jinja;

import java.util.List;

/** Python's {@code ast.literal_eval}, which leaves text that is no literal as it is. */
final class Literals {

    private Literals() {}

    static Object parse(String text) {
        try {
            List<Token> all = new Lexer("", "{{ " + text + " }}").tokens();
            boolean hasJinjaName = all.stream()
                    .anyMatch(token -> token.is(TokenType.NAME)
                            && Character.isLowerCase(token.text().charAt(0)));
            TokenStream tokens = new TokenStream("", all);
            tokens.next();
            Expression expression = new ExpressionParser(tokens, new SpecialNames()).tuple();
            tokens.expect(TokenType.VARIABLE_END);
            if (!hasJinjaName && tokens.current().is(TokenType.END) && isLiteral(expression)) {
                return expression.evaluate(Frame.outside());
            }
        } catch (JinjaException ignored) {
            // Not a literal: the text itself is the value.
        }
        return text;
    }

    private static boolean isLiteral(Expression expression) {
        if (expression instanceof Expression.Literal) {
            return true;
        }
        if (expression instanceof Expression.Sign sign) {
            return sign.operand() instanceof Expression.Literal literal && literal.value() instanceof Number;
        }
        if (expression instanceof Expression.ListLiteral list) {
            return list.items().stream().allMatch(Literals::isLiteral);
        }
        if (expression instanceof Expression.TupleLiteral tuple) {
            return tuple.items().stream().allMatch(Literals::isLiteral);
        }
        return expression instanceof Expression.DictionaryLiteral dictionary
                && dictionary.entries().stream().allMatch(entry -> isLiteral(entry.key()) && isLiteral(entry.value()));
    }
}
