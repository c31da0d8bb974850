package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.folded;
import static dev.freshet.transform.plan.query.SyntaxTree.isAbsent;
import static dev.freshet.transform.plan.query.SyntaxTree.list;
import static dev.freshet.transform.plan.query.SyntaxTree.strings;
import static dev.freshet.transform.plan.query.SyntaxTree.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.transform.plan.query.JoinTree.Join;
import dev.freshet.transform.plan.query.JoinTree.Kind;
import dev.freshet.transform.plan.query.Query.Item;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The columns of a SELECT, stars written out. */
final class SelectList {

    static final Set<String> UNNESTING = Set.of("unnest", "generate_subscripts");

    private final Scope scope;
    private final Optional<JoinTree> from;

    SelectList(Scope scope, Optional<JoinTree> from) {
        this.scope = scope;
        this.from = from;
    }

    List<Item> items(ObjectNode select) throws UnsupportedQueryException {
        List<Item> items = new ArrayList<>();
        Set<String> redefined = new HashSet<>();
        boolean uncounted = false;
        for (JsonNode expression : list(select, "select_list")) {
            if (uncounted) {
                items.add(new Item("", Optional.empty(), Optional.of(expression)));
            } else if (SyntaxTree.isClass(expression, "STAR")) {
                items.addAll(star(expression));
            } else {
                // An expression may name the alias of one before it.
                Scope before = scope.without(redefined);
                Item item = new Item(
                        name(expression),
                        before.resolve(expression),
                        cast(expression, before),
                        Optional.of(expression));
                items.add(item);
                if (item.column().isEmpty()
                        || !folded(item.column().get().name()).equals(folded(item.name()))) {
                    redefined.add(folded(item.name()));
                }
            }
            // A structure becomes as many columns as it has fields: what comes after it can't be told.
            uncounted |= unnests(expression);
        }
        return items;
    }

    private static Optional<ScopeColumn> cast(JsonNode expression, Scope scope) {
        return SyntaxTree.isType(expression, "OPERATOR_CAST")
                        && !expression.path("try_cast").asBoolean()
                ? scope.resolve(expression.path("child"))
                : Optional.empty();
    }

    /** Whether an expression has as many values as a list in it has elements. */
    static boolean unnests(JsonNode expressions) {
        boolean[] found = {false};
        SyntaxTree.visit(
                expressions,
                part -> found[0] |= SyntaxTree.isClass(part, "FUNCTION")
                        && UNNESTING.contains(folded(part.path("function_name").asText())));
        return found[0];
    }

    private static String name(JsonNode expression) {
        String alias = expression.path("alias").asText();
        if (!alias.isEmpty() || !SyntaxTree.isType(expression, "COLUMN_REF")) {
            return alias;
        }
        JsonNode names = expression.path("column_names");
        return names.get(names.size() - 1).asText();
    }

    private List<Item> star(JsonNode star) throws UnsupportedQueryException {
        if (star.path("columns").asBoolean() || !isAbsent(star, "expr")) {
            throw new UnsupportedQueryException("uses COLUMNS(...)");
        }
        Set<String> excluded = new HashSet<>();
        for (String name : strings(star, "exclude_list")) {
            excluded.add(folded(name));
        }
        Map<String, JsonNode> replaced = replaced(star);
        Map<String, String> renamed = renamed(star);
        boolean changed = !excluded.isEmpty() || !replaced.isEmpty() || !renamed.isEmpty();
        String qualifier = text(star, "relation_name");
        List<Source> sources = from.map(JoinTree::visible).orElse(List.of()).stream()
                .filter(source -> qualifier.isEmpty() || source.isCalled(qualifier))
                .toList();
        if (sources.isEmpty()) {
            throw new UnsupportedQueryException("uses a star over a structure (" + qualifier + ".*)");
        }
        Set<ScopeColumn> merged = qualifier.isEmpty() ? merged(from.orElseThrow()) : Set.of();
        List<Item> items = new ArrayList<>();
        for (Source source : sources) {
            if (!source.hasAllNames()) {
                throw new UnsupportedQueryException("uses a star over a table function");
            }
            for (int i = 0; i < source.names().size(); i++) {
                String name = source.names().get(i);
                if (name.isEmpty() && changed) {
                    throw new UnsupportedQueryException("uses a star with EXCLUDE over columns that share a name");
                }
                ScopeColumn column = new ScopeColumn(source, i);
                if (!excluded.contains(folded(name)) && !merged.contains(column)) {
                    Optional<JsonNode> instead = Optional.ofNullable(replaced.get(folded(name)));
                    items.add(new Item(
                            renamed.getOrDefault(folded(name), name),
                            name.isEmpty() || instead.isPresent() ? Optional.empty() : Optional.of(column),
                            instead));
                }
            }
        }
        return items;
    }

    private static Map<String, JsonNode> replaced(JsonNode star) throws UnsupportedQueryException {
        Map<String, JsonNode> replaced = new HashMap<>();
        for (JsonNode entry : star.path("replace_list")) {
            replaced.put(folded(text(entry, "key")), SyntaxTree.object(entry, "value"));
        }
        return replaced;
    }

    private static Map<String, String> renamed(JsonNode star) throws UnsupportedQueryException {
        if (!star.path("qualified_exclude_list").isEmpty()) {
            throw new UnsupportedQueryException("uses a star with a qualified EXCLUDE");
        }
        Map<String, String> renamed = new HashMap<>();
        for (JsonNode entry : star.path("rename_list")) {
            JsonNode key = SyntaxTree.object(entry, "key");
            for (String qualifier : List.of("catalog", "schema", "table")) {
                if (!key.path(qualifier).asText().isEmpty()) {
                    throw new UnsupportedQueryException("uses a star with a qualified RENAME");
                }
            }
            renamed.put(folded(text(key, "column")), text(entry, "value"));
        }
        return renamed;
    }

    /** The columns that a star leaves out because USING made them one with others before them. */
    private static Set<ScopeColumn> merged(JoinTree tree) throws UnsupportedQueryException {
        Set<ScopeColumn> merged = new HashSet<>();
        if (tree instanceof Join join) {
            merged.addAll(merged(join.left()));
            merged.addAll(merged(join.right()));
            List<String> columns = strings(join.node(), "using_columns");
            if (!columns.isEmpty() && (join.kind() == Kind.RIGHT || join.kind() == Kind.FULL)) {
                throw new UnsupportedQueryException("uses a star over a RIGHT or FULL join with USING");
            }
            for (String column : columns) {
                merged.add(FromReader.scopeOf(join.right())
                        .named(column)
                        .orElseThrow(() -> new UnsupportedQueryException(
                                "uses a star over a join with USING, one of whose columns is not known")));
            }
        }
        return merged;
    }
}
