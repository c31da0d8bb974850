package dev.freshet.transform.jinja;

import dev.freshet.transform.jinja.Postfix.CallArguments;
import dev.freshet.transform.jinja.Postfix.FilterUse;
import dev.freshet.transform.jinja.Postfix.Keyword;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Jinja2's expression grammar. From weakest to strongest: {@code if-else}, {@code or}, {@code and}, {@code not}, comparisons, {@code + -}, {@code ~}, {@code * / // %}, {@code **} (to the left, unlike Python's),
 * signs, then attributes, items and calls, then filters and tests.
 */
final class ExpressionParser {

    private static final Map<TokenType, String> COMPARISONS = Map.of(
            TokenType.EQUAL, "==",
            TokenType.NOT_EQUAL, "!=",
            TokenType.LESS, "<",
            TokenType.LESS_OR_EQUAL, "<=",
            TokenType.GREATER, ">",
            TokenType.GREATER_OR_EQUAL, ">=");
    private static final Set<TokenType> PRODUCTS =
            Set.of(TokenType.MULTIPLY, TokenType.DIVIDE, TokenType.FLOOR_DIVIDE, TokenType.MODULO);
    private static final Set<TokenType> TEST_ARGUMENT_STARTS = Set.of(
            TokenType.NAME,
            TokenType.STRING,
            TokenType.INTEGER,
            TokenType.FLOAT,
            TokenType.LEFT_BRACKET,
            TokenType.LEFT_BRACE);

    private final TokenStream tokens;
    private final SpecialNames specialNames;

    ExpressionParser(TokenStream tokens, SpecialNames specialNames) {
        this.tokens = tokens;
        this.specialNames = specialNames;
    }

    Expression expression() {
        Expression value = or();
        while (tokens.current().isName("if")) {
            int line = tokens.next().line();
            Expression condition = or();
            Expression otherwise = tokens.skipIfName("else") ? expression() : null;
            value = new Expression.Conditional(condition, value, otherwise, line);
        }
        return value;
    }

    /** One expression, or a tuple without parentheses. */
    Expression tuple() {
        return tuple(TupleForm.OPEN);
    }

    /** As {@link #tuple}, without an inline {@code if}: what {@code for … in} and {@code if} take. */
    Expression tupleWithoutConditional() {
        return tuple(TupleForm.WITHOUT_CONDITIONAL);
    }

    private enum TupleForm {
        OPEN,
        WITHOUT_CONDITIONAL,
        IN_PARENTHESES
    }

    private Expression tuple(TupleForm form) {
        List<Expression> items = new ArrayList<>();
        boolean isTuple = false;
        while (true) {
            if (!items.isEmpty()) {
                tokens.expect(TokenType.COMMA);
            }
            if (isTupleEnd(form)) {
                break;
            }
            items.add(form == TupleForm.WITHOUT_CONDITIONAL ? or() : expression());
            if (!tokens.current().is(TokenType.COMMA)) {
                break;
            }
            isTuple = true;
        }
        if (isTuple) {
            return new Expression.TupleLiteral(items);
        }
        if (!items.isEmpty()) {
            return items.get(0);
        }
        if (form == TupleForm.IN_PARENTHESES) {
            return new Expression.TupleLiteral(items);
        }
        throw tokens.error("expected an expression, found " + tokens.current().describe());
    }

    private boolean isTupleEnd(TupleForm form) {
        return switch (tokens.current().type()) {
            case VARIABLE_END, BLOCK_END, RIGHT_PARENTHESIS -> true;
            default -> form == TupleForm.WITHOUT_CONDITIONAL && tokens.current().isName("recursive");
        };
    }

    private Expression or() {
        Expression left = and();
        while (tokens.skipIfName("or")) {
            left = new Expression.Or(left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.skipIfName("and")) {
            left = new Expression.And(left, not());
        }
        return left;
    }

    private Expression not() {
        return tokens.skipIfName("not") ? new Expression.Not(not()) : comparison();
    }

    private Expression comparison() {
        int line = tokens.current().line();
        Expression first = sum();
        List<Expression.Operand> operands = new ArrayList<>();
        while (true) {
            String operator = COMPARISONS.get(tokens.current().type());
            if (operator != null) {
                tokens.next();
            } else if (tokens.skipIfName("in")) {
                operator = "in";
            } else if (tokens.current().isName("not") && tokens.look().isName("in")) {
                tokens.next();
                tokens.next();
                operator = "not in";
            } else {
                return operands.isEmpty() ? first : new Expression.Comparison(first, operands, line);
            }
            operands.add(new Expression.Operand(operator, sum()));
        }
    }

    private Expression sum() {
        Expression left = concatenation();
        while (tokens.current().is(TokenType.ADD) || tokens.current().is(TokenType.SUBTRACT)) {
            Token operator = tokens.next();
            left = new Expression.Binary(operator.type().text(), left, concatenation(), operator.line());
        }
        return left;
    }

    private Expression concatenation() {
        Expression first = product();
        if (!tokens.current().is(TokenType.TILDE)) {
            return first;
        }
        List<Expression> parts = new ArrayList<>(List.of(first));
        while (tokens.skipIf(TokenType.TILDE)) {
            parts.add(product());
        }
        return new Expression.Concat(parts);
    }

    private Expression product() {
        Expression left = power();
        while (PRODUCTS.contains(tokens.current().type())) {
            Token operator = tokens.next();
            left = new Expression.Binary(operator.type().text(), left, power(), operator.line());
        }
        return left;
    }

    private Expression power() {
        Expression left = filtered();
        while (tokens.current().is(TokenType.POWER)) {
            int line = tokens.next().line();
            left = new Expression.Binary("**", left, filtered(), line);
        }
        return left;
    }

    private Expression filtered() {
        return filtersAndTests(signed());
    }

    private Expression signed() {
        Token token = tokens.current();
        if (tokens.skipIf(TokenType.SUBTRACT) || tokens.skipIf(TokenType.ADD)) {
            return postfix(new Expression.Sign(token.type().text(), signed(), token.line()));
        }
        return postfix(primary());
    }

    Expression primary() {
        Token token = tokens.current();
        switch (token.type()) {
            case NAME:
                tokens.next();
                return name(token);
            case STRING:
                StringBuilder text = new StringBuilder();
                while (tokens.current().is(TokenType.STRING)) {
                    text.append(tokens.next().text());
                }
                return new Expression.Literal(text.toString());
            case INTEGER, FLOAT:
                tokens.next();
                return new Expression.Literal(token.value());
            case LEFT_PARENTHESIS:
                tokens.next();
                Expression inside = tuple(TupleForm.IN_PARENTHESES);
                tokens.expect(TokenType.RIGHT_PARENTHESIS);
                return inside;
            case LEFT_BRACKET:
                return list();
            case LEFT_BRACE:
                return dictionary();
            default:
                throw tokens.error("expected an expression, found " + token.describe());
        }
    }

    private Expression name(Token token) {
        return switch (token.text()) {
            case "true", "True" -> new Expression.Literal(true);
            case "false", "False" -> new Expression.Literal(false);
            case "none", "None" -> new Expression.Literal(None.NONE);
            default -> {
                specialNames.load(token.text());
                yield new Expression.Name(token.text(), token.line());
            }
        };
    }

    private Expression list() {
        tokens.expect(TokenType.LEFT_BRACKET);
        List<Expression> items = new ArrayList<>();
        while (!tokens.current().is(TokenType.RIGHT_BRACKET)) {
            if (!items.isEmpty()) {
                tokens.expect(TokenType.COMMA);
            }
            if (!tokens.current().is(TokenType.RIGHT_BRACKET)) {
                items.add(expression());
            }
        }
        tokens.next();
        return new Expression.ListLiteral(items);
    }

    private Expression dictionary() {
        int line = tokens.expect(TokenType.LEFT_BRACE).line();
        List<Expression.Entry> entries = new ArrayList<>();
        while (!tokens.current().is(TokenType.RIGHT_BRACE)) {
            if (!entries.isEmpty()) {
                tokens.expect(TokenType.COMMA);
            }
            if (!tokens.current().is(TokenType.RIGHT_BRACE)) {
                Expression key = expression();
                tokens.expect(TokenType.COLON);
                entries.add(new Expression.Entry(key, expression()));
            }
        }
        tokens.next();
        return new Expression.DictionaryLiteral(entries, line);
    }

    private Expression postfix(Expression operand) {
        Expression value = operand;
        while (true) {
            switch (tokens.current().type()) {
                case DOT -> value = member(value);
                case LEFT_BRACKET -> value = subscript(value);
                case LEFT_PARENTHESIS -> value = call(value);
                default -> {
                    return value;
                }
            }
        }
    }

    private Expression member(Expression target) {
        int line = tokens.next().line();
        Token name = tokens.next();
        if (name.is(TokenType.NAME)) {
            return new Postfix.Attribute(target, name.text(), line);
        }
        if (name.is(TokenType.INTEGER)) {
            return new Postfix.Item(target, new Expression.Literal(name.value()), line);
        }
        throw tokens.error(line, "expected a name or number after '.', found " + name.describe());
    }

    private Expression subscript(Expression target) {
        int line = tokens.next().line();
        List<Expression> keys = new ArrayList<>();
        while (true) {
            Expression start = tokens.current().is(TokenType.COLON) ? null : expression();
            if (tokens.current().is(TokenType.COLON)) {
                if (!keys.isEmpty()) {
                    throw tokens.error("a slice cannot be one of several indexes");
                }
                Expression slice = slice(target, start, line);
                tokens.expect(TokenType.RIGHT_BRACKET);
                return slice;
            }
            if (start != null) {
                keys.add(start);
            }
            if (!tokens.skipIf(TokenType.COMMA)) {
                tokens.expect(TokenType.RIGHT_BRACKET);
                return new Postfix.Item(
                        target, keys.size() == 1 ? keys.get(0) : new Expression.TupleLiteral(keys), line);
            }
        }
    }

    private Expression slice(Expression target, @Nullable Expression start, int line) {
        tokens.expect(TokenType.COLON);
        Expression stop = isSlicePartEnd() ? null : expression();
        Expression step = tokens.skipIf(TokenType.COLON) && !isSlicePartEnd() ? expression() : null;
        return new Postfix.Slice(target, start, stop, step, line);
    }

    private boolean isSlicePartEnd() {
        return tokens.current().is(TokenType.COLON) || tokens.current().is(TokenType.RIGHT_BRACKET);
    }

    private Expression filtersAndTests(Expression operand) {
        Expression value = operand;
        while (true) {
            if (tokens.skipIf(TokenType.PIPE)) {
                value = new Postfix.Filter(value, filterUse());
            } else if (tokens.current().isName("is")) {
                value = test(value);
            } else if (tokens.current().is(TokenType.LEFT_PARENTHESIS)) {
                value = call(value);
            } else {
                return value;
            }
        }
    }

    FilterUse filterUse() {
        int line = tokens.current().line();
        String name = dottedName();
        CallArguments arguments =
                tokens.current().is(TokenType.LEFT_PARENTHESIS) ? callArguments() : CallArguments.NONE;
        return new FilterUse(name, arguments, line);
    }

    private String dottedName() {
        StringBuilder name = new StringBuilder(tokens.expectName());
        while (tokens.skipIf(TokenType.DOT)) {
            name.append('.').append(tokens.expectName());
        }
        return name.toString();
    }

    private Expression test(Expression input) {
        int line = tokens.next().line();
        boolean negated = tokens.skipIfName("not");
        String name = dottedName();
        CallArguments arguments = CallArguments.NONE;
        Token token = tokens.current();
        if (token.is(TokenType.LEFT_PARENTHESIS)) {
            arguments = callArguments();
        } else if (TEST_ARGUMENT_STARTS.contains(token.type())
                && !token.isName("else")
                && !token.isName("or")
                && !token.isName("and")) {
            if (token.isName("is")) {
                throw tokens.error("tests with 'is' cannot be chained");
            }
            arguments = new CallArguments(List.of(postfix(primary())), List.of(), null, null, line);
        }
        Expression test = new Postfix.Test(input, name, arguments, line);
        return negated ? new Expression.Not(test) : test;
    }

    /** A call is on the line of its opening parenthesis. */
    private Expression call(Expression function) {
        CallArguments arguments = callArguments();
        return new Postfix.Call(function, arguments, arguments.line());
    }

    private CallArguments callArguments() {
        int line = tokens.expect(TokenType.LEFT_PARENTHESIS).line();
        List<Expression> positional = new ArrayList<>();
        List<Keyword> keywords = new ArrayList<>();
        Expression rest = null;
        Expression keywordRest = null;
        while (!tokens.current().is(TokenType.RIGHT_PARENTHESIS)) {
            if (tokens.current().is(TokenType.MULTIPLY)) {
                require(rest == null && keywordRest == null, line);
                tokens.next();
                rest = expression();
            } else if (tokens.current().is(TokenType.POWER)) {
                require(keywordRest == null, line);
                tokens.next();
                keywordRest = expression();
            } else if (tokens.current().is(TokenType.NAME) && tokens.look().is(TokenType.ASSIGN)) {
                require(keywordRest == null, line);
                String name = tokens.next().text();
                tokens.next();
                keywords.add(new Keyword(name, expression()));
            } else {
                require(rest == null && keywordRest == null && keywords.isEmpty(), line);
                positional.add(expression());
            }
            if (!tokens.current().is(TokenType.RIGHT_PARENTHESIS)) {
                tokens.expect(TokenType.COMMA);
            }
        }
        tokens.next();
        return new CallArguments(positional, keywords, rest, keywordRest, line);
    }

    private void require(boolean inOrder, int line) {
        if (!inOrder) {
            throw tokens.error(
                    line,
                    "arguments are out of order: positional ones come first, then *rest, keywords and **keywords");
        }
    }
}
