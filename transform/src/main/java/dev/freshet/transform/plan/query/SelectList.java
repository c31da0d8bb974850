package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.folded;
import static dev.freshet.transform.plan.query.SyntaxTree.isAbsent;
import static dev.freshet.transform.plan.query.SyntaxTree.list;
import static dev.freshet.transform.plan.query.SyntaxTree.strings;
import static dev.freshet.transform.plan.query.SyntaxTree.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.transform.plan.query.JoinTree.Join;
import dev.freshet.transform.plan.query.Query.Item;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The columns of a SELECT, stars written out. */
final class SelectList {

    private final Scope scope;
    private final Optional<JoinTree> from;

    SelectList(Scope scope, Optional<JoinTree> from) {
        this.scope = scope;
        this.from = from;
    }

    List<Item> items(ObjectNode select) throws UnsupportedQueryException {
        List<Item> items = new ArrayList<>();
        Set<String> redefined = new HashSet<>();
        for (JsonNode expression : list(select, "select_list")) {
            if (SyntaxTree.isClass(expression, "STAR")) {
                items.addAll(star(expression));
            } else {
                // An expression may name the alias of one before it.
                Item item = new Item(
                        name(expression), scope.without(redefined).resolve(expression), Optional.of(expression));
                items.add(item);
                if (item.column().isEmpty()
                        || !folded(item.column().get().name()).equals(folded(item.name()))) {
                    redefined.add(folded(item.name()));
                }
            }
        }
        return items;
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
        for (String option : List.of("replace_list", "rename_list", "qualified_exclude_list")) {
            if (!star.path(option).isEmpty()) {
                throw new UnsupportedQueryException("uses a star with REPLACE, RENAME or a qualified EXCLUDE");
            }
        }
        Set<String> excluded = new HashSet<>();
        for (String name : strings(star, "exclude_list")) {
            excluded.add(folded(name));
        }
        String qualifier = text(star, "relation_name");
        if (from.isEmpty() || usesUsing(from.get())) {
            throw new UnsupportedQueryException("uses a star over a join with USING");
        }
        List<Item> items = new ArrayList<>();
        for (Source source : from.get().visible()) {
            if (source.leaf().isEmpty() && source.query().isEmpty()) {
                throw new UnsupportedQueryException("uses a star over VALUES");
            }
            if (qualifier.isEmpty() || source.isCalled(qualifier)) {
                for (int i = 0; i < source.names().size(); i++) {
                    String name = source.names().get(i);
                    if (name.isEmpty() && !excluded.isEmpty()) {
                        throw new UnsupportedQueryException("uses a star with EXCLUDE over columns that share a name");
                    }
                    if (!excluded.contains(folded(name))) {
                        items.add(new Item(
                                name,
                                name.isEmpty() ? Optional.empty() : Optional.of(new ScopeColumn(source, i)),
                                Optional.empty()));
                    }
                }
            }
        }
        return items;
    }

    private static boolean usesUsing(JoinTree tree) throws UnsupportedQueryException {
        return tree instanceof Join join
                && (!strings(join.node(), "using_columns").isEmpty()
                        || usesUsing(join.left())
                        || usesUsing(join.right()));
    }
}
