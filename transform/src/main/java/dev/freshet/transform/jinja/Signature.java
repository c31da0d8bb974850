package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a host function, and the binding of a call's arguments to them as Python does it.
 *
 * <p>Written as in Python, defaults being literals: {@code "old, new, count=None"}, {@code "*values, separator=', '"}.
 */
public final class Signature {

    /** Contexts are made anew for each rendering, out of the same few hundred functions; nobody writes a signature but code. */
    private static final Map<List<String>, Signature> KNOWN = new ConcurrentHashMap<>();

    private final String name;
    private final List<String> parameters = new ArrayList<>();
    private final List<@Nullable Object> defaults = new ArrayList<>();
    private boolean takesRest;
    private boolean takesKeywords;
    private int positional;

    private Signature(String name) {
        this.name = name;
    }

    /** @throws IllegalArgumentException if the parameters cannot be read */
    public static Signature of(String name, String parameters) {
        return KNOWN.computeIfAbsent(List.of(name, parameters), written -> read(name, parameters));
    }

    private static Signature read(String name, String parameters) {
        Signature signature = new Signature(name);
        Lexer lexer = new Lexer(name, "{{ f(" + parameters.replaceAll("(\\*{1,2})(\\w+)", "'$1'") + ") }}");
        signature.read(new TokenStream(name, lexer.tokens()));
        return signature;
    }

    private void read(TokenStream tokens) {
        tokens.next();
        tokens.next();
        tokens.next();
        positional = -1;
        while (!tokens.current().is(TokenType.RIGHT_PARENTHESIS)) {
            Token token = tokens.next();
            if (token.is(TokenType.STRING)) {
                takesRest |= token.text().equals("*");
                takesKeywords |= token.text().equals("**");
                if (token.text().equals("*")) {
                    positional = parameters.size();
                }
            } else {
                parameters.add(token.text());
                defaults.add(tokens.skipIf(TokenType.ASSIGN) ? literal(tokens) : null);
            }
            tokens.skipIf(TokenType.COMMA);
        }
        if (positional < 0) {
            positional = parameters.size();
        }
    }

    private static Object literal(TokenStream tokens) {
        boolean negative = tokens.skipIf(TokenType.SUBTRACT);
        Token token = tokens.next();
        return switch (token.type()) {
            case NAME ->
                switch (token.text()) {
                    case "None" -> None.NONE;
                    case "True" -> true;
                    case "False" -> false;
                    default -> throw new IllegalArgumentException(token.text());
                };
            case INTEGER, FLOAT -> negative ? Numbers.negate(token.value()) : token.value();
            default -> token.value();
        };
    }

    /** @throws PythonError with Python's wording if they do not fit */
    public Arguments bind(List<Object> arguments, Map<String, Object> keywords) {
        @Nullable Object[] values = new @Nullable Object[parameters.size()];
        List<Object> rest = List.of();
        for (int i = 0; i < arguments.size(); i++) {
            if (i < positional) {
                values[i] = arguments.get(i);
            } else if (takesRest) {
                rest = List.copyOf(arguments.subList(i, arguments.size()));
                break;
            } else {
                throw new PythonError(name + "() takes at most " + positional + " argument"
                        + (positional == 1 ? "" : "s") + " (" + arguments.size() + " given)");
            }
        }
        Map<String, Object> others = new LinkedHashMap<>();
        keywords.forEach((keyword, value) -> {
            int index = parameters.indexOf(keyword);
            if (index >= 0 && values[index] != null) {
                throw new PythonError(name + "() got multiple values for argument '" + keyword + "'");
            }
            if (index >= 0) {
                values[index] = value;
            } else if (takesKeywords) {
                others.put(keyword, value);
            } else {
                throw new PythonError(name + "() got an unexpected keyword argument '" + keyword + "'"
                        + Suggestions.among(keyword, parameters));
            }
        });
        Object[] bound = new Object[values.length];
        for (int i = 0; i < values.length; i++) {
            Object value = values[i] != null ? values[i] : defaults.get(i);
            if (value == null) {
                throw new PythonError(name + "() missing required argument: '" + parameters.get(i) + "'");
            }
            bound[i] = value;
        }
        return new Arguments(this, bound, rest, others);
    }

    /** The values of one call, by the parameters' positions. */
    public static final class Arguments {

        private final Signature signature;
        private final Object[] values;
        private final List<Object> rest;
        private final Map<String, Object> keywords;

        private Arguments(Signature signature, Object[] values, List<Object> rest, Map<String, Object> keywords) {
            this.signature = signature;
            this.values = values;
            this.rest = rest;
            this.keywords = keywords;
        }

        public Object value(int index) {
            return values[index];
        }

        public boolean isNone(int index) {
            return values[index] == None.NONE;
        }

        public boolean isTrue(int index) {
            return PythonValues.isTrue(values[index]);
        }

        /** A string. @throws PythonError if it is of another type */
        public String string(int index) {
            Object value = PythonValues.requireDefined(values[index]);
            if (value instanceof String text) {
                return text;
            }
            throw new PythonError(describe(index) + " must be str, not " + PythonValues.typeName(value));
        }

        /** {@code str(value)}. */
        public String text(int index) {
            return PythonValues.text(values[index]);
        }

        /** An integer; one outside the range of int is clamped. @throws PythonError if it is of another type */
        public int integer(int index) {
            return Numbers.toIndex(PythonValues.requireDefined(values[index]));
        }

        /** What {@code *rest} received. */
        public List<Object> rest() {
            return rest;
        }

        /** What {@code **keywords} received. */
        public Map<String, Object> keywords() {
            return keywords;
        }

        private String describe(int index) {
            return signature.name + "() argument '" + signature.parameters.get(index) + "'";
        }
    }
}
