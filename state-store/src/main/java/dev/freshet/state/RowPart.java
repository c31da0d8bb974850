package dev.freshet.state;

import java.time.Instant;
import java.util.List;

/** Some rows of a model, chosen by columns, which are named as the model's result spells them. A row where one of these is NULL is never one of them. */
public sealed interface RowPart {

    /**
     * @param columns whose values together are looked for
     * @param values each with one for every column, as text, read in the column's type
     */
    record Values(List<String> columns, List<List<String>> values) implements RowPart {
        public Values {
            columns = List.copyOf(columns);
            values = values.stream().map(List::copyOf).toList();
            int width = columns.size();
            if (width == 0 || !values.stream().allMatch(each -> each.size() == width)) {
                throw new IllegalArgumentException("values of " + columns + " are one for each column");
            }
        }

        public Values(String column, List<String> values) {
            this(List.of(column), values.stream().map(List::of).toList());
        }
    }

    /** From a time on and before another; where the column has no time zone its values are in UTC. */
    record Period(String column, Instant from, Instant to) implements RowPart {}
}
