package dev.freshet.transform.plan.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The columns that names in one SELECT stand for. Answers only when there is no doubt: a name that may also mean something else (a merged USING
 * column of an outer join, an alias of the SELECT list, a field of a structure) stands for nothing here.
 */
final class Scope {

    /** Where no name stands for anything. */
    static final Scope NOTHING = new Scope(List.of(), Set.of(), Set.of());

    private final List<Source> sources;
    private final Set<String> merged;
    private final Set<String> unclear;

    /**
     * @param merged names that USING made one of; the first source's column is then the value
     * @param unclear names to give no answer for
     */
    Scope(List<Source> sources, Set<String> merged, Set<String> unclear) {
        this.sources = sources;
        this.merged = merged;
        this.unclear = unclear;
    }

    Scope without(Set<String> names) {
        Set<String> all = new HashSet<>(unclear);
        all.addAll(names);
        return new Scope(sources, merged, all);
    }

    Optional<ScopeColumn> resolve(JsonNode expression) {
        if (!SyntaxTree.isType(expression, "COLUMN_REF")) {
            return Optional.empty();
        }
        JsonNode names = expression.path("column_names");
        if (names.size() == 1) {
            return named(names.get(0).asText());
        }
        return names.size() == 2 ? of(names.get(0).asText(), names.get(1).asText()) : Optional.empty();
    }

    /** Whether a condition names columns of certain sources, and of others nothing. */
    boolean isAbout(JsonNode condition, Predicate<Source> certain) {
        List<ObjectNode> parts = new ArrayList<>();
        SyntaxTree.visit(condition, parts::add);
        List<ObjectNode> columns = parts.stream()
                .filter(part -> SyntaxTree.isType(part, "COLUMN_REF"))
                .toList();
        return !columns.isEmpty()
                && parts.stream()
                        .noneMatch(part -> SyntaxTree.isClass(part, "LAMBDA") || SyntaxTree.isClass(part, "SUBQUERY"))
                && columns.stream().allMatch(column -> resolve(column)
                        .filter(found -> certain.test(found.source()))
                        .isPresent());
    }

    /** An unqualified name. */
    Optional<ScopeColumn> named(String name) {
        if (unclear.contains(SyntaxTree.folded(name))) {
            return Optional.empty();
        }
        ScopeColumn found = null;
        for (Source source : sources) {
            int index = source.indexOf(name);
            if (index == -2) {
                return Optional.empty();
            }
            if (index >= 0) {
                if (found != null) {
                    return merged.contains(SyntaxTree.folded(name)) ? Optional.of(found) : Optional.empty();
                }
                found = new ScopeColumn(source, index);
            }
        }
        return Optional.ofNullable(found);
    }

    /** Whether a column is of one of the sources. */
    boolean owns(ScopeColumn column) {
        return sources.contains(column.source());
    }

    /** Whether a source has something that an unqualified name can mean. */
    boolean couldMean(String name) {
        return sources.stream().anyMatch(source -> source.indexOf(name) != -1 || source.isCalled(name));
    }

    /** The meaning of a name in the first of some scopes that has one for it. */
    static Optional<ScopeColumn> resolve(JsonNode expression, List<Scope> scopes) {
        String first = expression.path("column_names").path(0).asText();
        for (Scope scope : scopes) {
            if (scope.couldMean(first)
                    || scope.unclear.contains(SyntaxTree.folded(first))
                    || scope.hasUnknownNames()
                            && expression.path("column_names").size() == 1) {
                return scope.resolve(expression);
            }
        }
        return Optional.empty();
    }

    /** Whether a source has columns whose names the parser makes up, so that any name may mean one of them. */
    private boolean hasUnknownNames() {
        return sources.stream()
                .anyMatch(source -> source.names().contains("")
                        || source.leaf().isEmpty() && source.query().isEmpty());
    }

    private Optional<ScopeColumn> of(String qualifier, String name) {
        List<Source> called =
                sources.stream().filter(source -> source.isCalled(qualifier)).toList();
        if (called.size() != 1) {
            return Optional.empty();
        }
        int index = called.get(0).indexOf(name);
        return index < 0 ? Optional.empty() : Optional.of(new ScopeColumn(called.get(0), index));
    }
}
