package dev.freshet.state;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The shape of a table: its columns in order and the names of its key columns. An empty key means a bag: equal rows may occur more than
 * once and only their number matters. The key columns of a source table hold no NULL; those of a model may.
 */
public record TableSchema(List<Column> columns, List<String> key) {

    public TableSchema {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
        Set<String> names = new HashSet<>();
        for (Column column : columns) {
            if (!names.add(column.name())) {
                throw new IllegalArgumentException("column \"" + column.name() + "\" occurs twice");
            }
        }
        if (!names.containsAll(key)) {
            throw new IllegalArgumentException("key " + key + " is not among the columns " + names);
        }
    }

    public boolean isKeyed() {
        return !key.isEmpty();
    }

    /** The index of a column, or -1. */
    public int indexOf(String column) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(column)) {
                return i;
            }
        }
        return -1;
    }
}
