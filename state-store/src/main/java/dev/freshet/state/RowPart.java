package dev.freshet.state;

import java.time.Instant;
import java.util.List;

/** Some rows of a model, chosen by a column. A row whose column is NULL is never one of them. */
public sealed interface RowPart {

    /** As the model's result spells it. */
    String column();

    /** @param values as text, read in the column's type */
    record Values(String column, List<String> values) implements RowPart {
        public Values {
            values = List.copyOf(values);
        }
    }

    /** From a time on and before another; where the column has no time zone its values are in UTC. */
    record Period(String column, Instant from, Instant to) implements RowPart {}
}
