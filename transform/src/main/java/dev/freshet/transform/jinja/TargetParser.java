package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What can be assigned to: names, attributes of namespaces, and tuples of them. */
final class TargetParser {

    private static final Set<String> CONSTANTS = Set.of("true", "false", "none", "True", "False", "None");

    private final TokenStream tokens;
    private final SpecialNames specialNames;

    TargetParser(TokenStream tokens, SpecialNames specialNames) {
        this.tokens = tokens;
        this.specialNames = specialNames;
    }

    /** For {@code set}. */
    Target target() {
        return tuple();
    }

    /** For {@code for}: up to {@code in}. */
    Target loopTarget() {
        int line = tokens.current().line();
        Target target = tuple();
        if (names(target).contains("loop")) {
            throw tokens.error(line, "cannot assign to the special variable 'loop' in a for loop");
        }
        stored(target);
        return target;
    }

    /** One name. */
    Target single() {
        return primary();
    }

    /** Notes that the names have been stored to. */
    void stored(Target target) {
        names(target).forEach(specialNames::store);
    }

    private static List<String> names(Target target) {
        if (target instanceof Target.NameTarget name) {
            return List.of(name.name());
        }
        return target instanceof Target.TupleTarget tuple
                ? tuple.targets().stream().flatMap(part -> names(part).stream()).toList()
                : List.of();
    }

    private Target tuple() {
        int line = tokens.current().line();
        List<Target> parts = new ArrayList<>(List.of(primary()));
        boolean isTuple = false;
        while (tokens.skipIf(TokenType.COMMA)) {
            isTuple = true;
            if (isEnd()) {
                break;
            }
            parts.add(primary());
        }
        return isTuple ? new Target.TupleTarget(parts, line) : parts.get(0);
    }

    private boolean isEnd() {
        return tokens.current().isName("in")
                || switch (tokens.current().type()) {
                    case BLOCK_END, RIGHT_PARENTHESIS, ASSIGN -> true;
                    default -> false;
                };
    }

    private Target primary() {
        if (tokens.skipIf(TokenType.LEFT_PARENTHESIS)) {
            Target inside = tuple();
            tokens.expect(TokenType.RIGHT_PARENTHESIS);
            return inside;
        }
        Token name = tokens.current();
        if (!name.is(TokenType.NAME) || CONSTANTS.contains(name.text())) {
            throw tokens.error("cannot assign to " + name.describe());
        }
        tokens.next();
        if (tokens.skipIf(TokenType.DOT)) {
            specialNames.load(name.text());
            return new Target.AttributeTarget(name.text(), tokens.expectName(), name.line());
        }
        return new Target.NameTarget(name.text());
    }
}
