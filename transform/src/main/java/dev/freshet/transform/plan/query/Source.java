package dev.freshet.transform.plan.query;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One item of a FROM clause: a table, a subquery, or something without tables (neither).
 *
 * @param number unique in the whole query
 * @param names the columns as the source's text spells them; empty for those that nobody can name
 */
public record Source(
        int number, String alias, List<String> names, Optional<Leaf> leaf, Optional<Query> query, ObjectNode node) {

    public Source {
        names = List.copyOf(names);
    }

    /** Whether {@link #names} are all columns that it has, in their order. */
    boolean hasAllNames() {
        return !SyntaxTree.isType(node, "TABLE_FUNCTION");
    }

    boolean isCalled(String name) {
        return alias.toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT));
    }

    /** The index of a column, -1 when there is none, -2 when there are several. */
    int indexOf(String name) {
        int found = -1;
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT))) {
                found = found == -1 ? i : -2;
            }
        }
        return found;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Source source && source.number == number;
    }

    @Override
    public int hashCode() {
        return number;
    }
}
