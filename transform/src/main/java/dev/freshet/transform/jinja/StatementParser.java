package dev.freshet.transform.jinja;

import dev.freshet.transform.jinja.MacroDefinition.Declaration;
import dev.freshet.transform.jinja.MacroDefinition.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Jinja2's statements, with the extensions {@code do} and {@code loopcontrols}, and dbt's own blocks. */
final class StatementParser {

    private static final Set<String> UNSUPPORTED =
            Set.of("include", "import", "from", "extends", "block", "autoescape");
    private static final List<String> TAGS = List.of(
            "for",
            "if",
            "elif",
            "else",
            "set",
            "with",
            "macro",
            "call",
            "filter",
            "do",
            "print",
            "break",
            "continue",
            "raw",
            "test",
            "data_test",
            "materialization",
            "snapshot",
            "docs",
            "endfor",
            "endif",
            "endset",
            "endwith",
            "endmacro",
            "endcall",
            "endfilter",
            "endtest",
            "enddata_test",
            "endmaterialization",
            "endsnapshot",
            "enddocs",
            "endraw");

    private final String file;
    private final String source;
    private final TokenStream tokens;
    private final SpecialNames specialNames = new SpecialNames();
    private final ExpressionParser expressions;
    private final TargetParser targets;
    private final List<MacroDefinition> definitions = new ArrayList<>();
    private int nesting;
    private int loops;

    StatementParser(String file, Lexer lexer) {
        this.file = file;
        this.tokens = new TokenStream(file, lexer.tokens());
        this.source = lexer.source();
        this.expressions = new ExpressionParser(tokens, specialNames);
        this.targets = new TargetParser(tokens, specialNames);
    }

    Statement.Body parse() {
        return body("", 1, Set.of());
    }

    List<MacroDefinition> definitions() {
        return definitions;
    }

    /** Reads until one of the end tags, and stops before its name. */
    private Statement.Body body(String tag, int opened, Set<String> endTags) {
        List<Statement> statements = new ArrayList<>();
        while (!tokens.current().is(TokenType.END)) {
            Token token = tokens.next();
            switch (token.type()) {
                case DATA -> statements.add(new Statement.Data(token.text()));
                case VARIABLE_BEGIN -> {
                    int line = tokens.current().line();
                    statements.add(new Statement.Print(expressions.tuple(), line));
                    tokens.expect(TokenType.VARIABLE_END);
                }
                case BLOCK_BEGIN -> {
                    if (tokens.current().is(TokenType.NAME)
                            && endTags.contains(tokens.current().text())) {
                        return new Statement.Body(List.copyOf(statements));
                    }
                    statement(statements, tag, opened);
                    tokens.expect(TokenType.BLOCK_END);
                }
                default -> throw tokens.error(token.line(), "unexpected " + token.describe());
            }
        }
        if (!endTags.isEmpty()) {
            throw tokens.error(
                    opened,
                    "the block '" + tag + "' opened on line " + opened + " is never closed with '{% end" + tag
                            + " %}'");
        }
        return new Statement.Body(List.copyOf(statements));
    }

    private void statement(List<Statement> statements, String enclosing, int opened) {
        Token tag = tokens.current();
        if (!tag.is(TokenType.NAME)) {
            throw tokens.error("expected the name of a tag, found " + tag.describe());
        }
        switch (tag.text()) {
            case "for" -> statements.add(forLoop());
            case "if" -> statements.add(ifBlock());
            case "set" -> statements.add(set());
            case "with" -> statements.add(with());
            case "macro" -> statements.add(define(Kind.MACRO));
            case "test" -> statements.add(define(Kind.TEST));
            case "data_test" -> statements.add(define(Kind.DATA_TEST));
            case "materialization" -> statements.add(define(Kind.MATERIALIZATION));
            case "snapshot" -> statements.add(define(Kind.SNAPSHOT));
            case "docs" -> statements.add(define(Kind.DOCS));
            case "call" -> statements.add(call());
            case "filter" -> statements.add(filter());
            case "do" -> {
                tokens.next();
                statements.add(new Statement.Do(expressions.tuple()));
            }
            case "print" -> print(statements);
            case "break" -> statements.add(loopControl(new Statement.Break()));
            case "continue" -> statements.add(loopControl(new Statement.Continue()));
            default -> throw unknownTag(tag, enclosing, opened);
        }
    }

    private JinjaException unknownTag(Token tag, String enclosing, int opened) {
        if (UNSUPPORTED.contains(tag.text())) {
            return tokens.error(
                    "'{% " + tag.text()
                            + " %}' is not available: as in dbt, macros of the project and its packages are visible everywhere without an import");
        }
        if (tag.text().startsWith("end") || tag.isName("else") || tag.isName("elif")) {
            return tokens.error(
                    enclosing.isEmpty()
                            ? "'{% " + tag.text() + " %}' closes no block"
                            : "'{% " + tag.text() + " %}' stands in the block '" + enclosing + "' opened on line "
                                    + opened + ", which '{% end" + enclosing + " %}' closes");
        }
        return tokens.error("unknown tag '" + tag.text() + "'" + Suggestions.among(tag.text(), TAGS));
    }

    private Statement loopControl(Statement statement) {
        Token tag = tokens.next();
        if (loops == 0) {
            throw tokens.error(tag.line(), "'" + tag.text() + "' stands outside of a loop");
        }
        return statement;
    }

    /** The rest of the opening tag, the body, and the closing tag's name. */
    private Statement.Body block(String tag, int opened, String... endTags) {
        tokens.skipIf(TokenType.COLON);
        tokens.expect(TokenType.BLOCK_END);
        nesting++;
        Statement.Body body = body(tag, opened, Set.of(endTags));
        nesting--;
        return body;
    }

    private Statement forLoop() {
        int line = tokens.next().line();
        Target target = targets.loopTarget();
        tokens.expectName("in");
        Expression items = expressions.tupleWithoutConditional();
        Expression condition = tokens.skipIfName("if") ? expressions.expression() : null;
        boolean recursive = tokens.skipIfName("recursive");
        loops++;
        Statement.Body body = block("for", line, "endfor", "else");
        loops--;
        Statement.Body otherwise = tokens.next().isName("else") ? closed("for", line) : Statement.Body.EMPTY;
        return new Statement.For(target, items, condition, recursive, body, otherwise, line);
    }

    /** A last body, with its end tag. */
    private Statement.Body closed(String tag, int opened) {
        Statement.Body body = block(tag, opened, "end" + tag);
        tokens.next();
        return body;
    }

    private Statement ifBlock() {
        int line = tokens.next().line();
        List<Statement.Branch> branches = new ArrayList<>();
        while (true) {
            Expression condition = expressions.tupleWithoutConditional();
            branches.add(new Statement.Branch(condition, block("if", line, "elif", "else", "endif")));
            Token end = tokens.next();
            if (end.isName("else")) {
                return new Statement.If(branches, closed("if", line));
            }
            if (end.isName("endif")) {
                return new Statement.If(branches, Statement.Body.EMPTY);
            }
        }
    }

    private Statement set() {
        int line = tokens.next().line();
        // The value is read before the name is stored, as it is evaluated.
        Target target = targets.target();
        if (tokens.skipIf(TokenType.ASSIGN)) {
            Expression value = expressions.tuple();
            targets.stored(target);
            return new Statement.Set(target, value, line);
        }
        targets.stored(target);
        List<Postfix.FilterUse> filters = new ArrayList<>();
        while (tokens.skipIf(TokenType.PIPE)) {
            filters.add(expressions.filterUse());
        }
        return new Statement.SetBlock(target, filters, closed("set", line), line);
    }

    private Statement with() {
        int line = tokens.next().line();
        List<Statement.Assignment> assignments = new ArrayList<>();
        while (!tokens.current().is(TokenType.BLOCK_END)) {
            if (!assignments.isEmpty()) {
                tokens.expect(TokenType.COMMA);
            }
            Target target = targets.single();
            tokens.expect(TokenType.ASSIGN);
            assignments.add(new Statement.Assignment(target, expressions.expression()));
            targets.stored(target);
        }
        return new Statement.With(assignments, closed("with", line));
    }

    private Statement filter() {
        int line = tokens.next().line();
        List<Postfix.FilterUse> filters = new ArrayList<>(List.of(expressions.filterUse()));
        while (tokens.skipIf(TokenType.PIPE)) {
            filters.add(expressions.filterUse());
        }
        return new Statement.FilterBlock(filters, closed("filter", line));
    }

    private void print(List<Statement> statements) {
        int line = tokens.next().line();
        statements.add(new Statement.Print(expressions.expression(), line));
        while (tokens.skipIf(TokenType.COMMA)) {
            statements.add(new Statement.Print(expressions.expression(), line));
        }
    }

    private Statement call() {
        int start = tokens.previous().start();
        int line = tokens.next().line();
        List<Declaration> parameters = tokens.current().is(TokenType.LEFT_PARENTHESIS) ? parameters() : List.of();
        if (!(expressions.expression() instanceof Postfix.Call call)) {
            throw tokens.error(line, "'{% call %}' takes a call such as 'macro(arguments)'");
        }
        return new Statement.CallBlock(definition(Kind.CALLER, "caller", "", parameters, line, start), call);
    }

    private Statement define(Kind kind) {
        int start = tokens.previous().start();
        int line = tokens.next().line();
        String name = tokens.expectName();
        String adapter = "default";
        List<Declaration> parameters = new ArrayList<>();
        switch (kind) {
            case MATERIALIZATION -> adapter = materializationOptions(name, parameters);
            case SNAPSHOT, DOCS -> {}
            default -> parameters.addAll(parameters());
        }
        boolean atTopLevel = nesting == 0;
        if (kind == Kind.MACRO) {
            specialNames.store(name);
        }
        MacroDefinition definition = definition(kind, name, adapter, parameters, line, start);
        if (atTopLevel) {
            definitions.add(definition);
        }
        return new Statement.Define(definition);
    }

    private MacroDefinition definition(
            Kind kind, String name, String adapter, List<Declaration> parameters, int line, int start) {
        specialNames.enter();
        int contentsStart = tokens.current().end();
        int outerLoops = loops;
        loops = 0;
        Statement.Body body = block(kind.tag(), line, "end" + kind.tag());
        loops = outerLoops;
        int contentsEnd = tokens.previous().start();
        tokens.next();
        int end = tokens.current().end();
        MacroDefinition.Text text =
                new MacroDefinition.Text(source.substring(start, end), source.substring(contentsStart, contentsEnd));
        Set<SpecialNames.Special> specials = specialNames.leave();
        for (Declaration parameter : parameters) {
            if (parameter.name().equals("caller")
                    && parameter.defaultValue() == null
                    && specials.contains(SpecialNames.Special.CALLER)) {
                throw tokens.error(line, "the special parameter 'caller' must be left out or be given a default");
            }
            specials.remove(SpecialNames.declared(parameter.name()));
        }
        return new MacroDefinition(
                kind, name, adapter, parameters, specials, body, new SourceLocation(file, line), text);
    }

    private String materializationOptions(String materialization, List<Declaration> parameters) {
        String adapter = "default";
        while (tokens.skipIf(TokenType.COMMA)) {
            String option = tokens.expectName();
            switch (option) {
                case "default" -> {}
                case "adapter" -> {
                    tokens.expect(TokenType.ASSIGN);
                    adapter = tokens.expect(TokenType.STRING).text();
                }
                case "supported_languages" -> {
                    tokens.expect(TokenType.ASSIGN);
                    parameters.add(new Declaration(option, expressions.expression()));
                }
                default ->
                    throw tokens.error("materialization '" + materialization + "' got the unknown option '" + option
                            + "'; the options are default, adapter='…' and supported_languages=[…]");
            }
        }
        if (parameters.isEmpty()) {
            parameters.add(new Declaration(
                    "supported_languages", new Expression.ListLiteral(List.of(new Expression.Literal("sql")))));
        }
        return adapter;
    }

    private List<Declaration> parameters() {
        tokens.expect(TokenType.LEFT_PARENTHESIS);
        List<Declaration> parameters = new ArrayList<>();
        Set<String> names = new HashSet<>();
        boolean optional = false;
        while (!tokens.current().is(TokenType.RIGHT_PARENTHESIS)) {
            if (!parameters.isEmpty()) {
                tokens.expect(TokenType.COMMA);
            }
            Token name = tokens.expect(TokenType.NAME);
            Expression value = tokens.skipIf(TokenType.ASSIGN) ? expressions.expression() : null;
            optional |= value != null;
            if (optional && value == null) {
                throw tokens.error(
                        name.line(), "parameter '" + name.text() + "' needs a default, as those before it have one");
            }
            if (!names.add(name.text())) {
                throw tokens.error(name.line(), "parameter '" + name.text() + "' is declared twice");
            }
            specialNames.store(name.text());
            parameters.add(new Declaration(name.text(), value));
        }
        tokens.next();
        return parameters;
    }
}
