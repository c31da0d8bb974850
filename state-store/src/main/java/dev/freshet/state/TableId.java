package dev.freshet.state;

import java.util.Comparator;

/**
 * Names one table anywhere: the profile output (connection) it lives on, its schema and its name, each exactly as the database spells it.
 *
 * @param connection the name of the profile output, for a source as for a target
 */
public record TableId(String connection, String schema, String name) implements Comparable<TableId> {

    private static final Comparator<TableId> ORDER = Comparator.comparing(TableId::connection)
            .thenComparing(TableId::schema)
            .thenComparing(TableId::name);

    public TableId {
        if (connection.isEmpty() || schema.isEmpty() || name.isEmpty()) {
            throw new IllegalArgumentException("a table needs a connection, a schema and a name");
        }
    }

    @Override
    public int compareTo(TableId other) {
        return ORDER.compare(this, other);
    }

    /** {@code connection.schema.name}, for people. Not an SQL identifier. */
    @Override
    public String toString() {
        return connection + "." + schema + "." + name;
    }
}
