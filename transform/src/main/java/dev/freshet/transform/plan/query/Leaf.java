package dev.freshet.transform.plan.query;

import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;

/**
 * One place where a query reads a table. The same table may be read in several places.
 *
 * @param number counted from 0, in the order of the text
 */
public record Leaf(int number, TableId table, TableSchema schema) {

    /** The name that stands for the place in a {@link Template}. */
    String marker() {
        return Template.MARKER + number + "__";
    }
}
