package dev.freshet.transform.project.database;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What a template may ask of one output. Nothing it does changes the database. Used by one thread. */
public interface Database {

    /**
     * A column of a table.
     *
     * @param type the database's own name of its type, without lengths
     */
    record FoundColumn(String name, String type, OptionalInt length, OptionalInt precision, OptionalInt scale) {}

    /**
     * A table or view.
     *
     * @param kind {@code table}, {@code view} or {@code materialized_view}
     */
    record FoundRelation(String database, String schema, String name, String kind) {}

    /** @throws dev.freshet.state.FreshetException USER with the database's message */
    QueryResult query(String sql);

    /** In their order; empty when there is no such table. */
    List<FoundColumn> columns(String schema, String table);

    /** The tables and views of a schema, by name. */
    List<FoundRelation> relations(String schema);

    List<String> schemas();

    /** A table or view by its exact name. */
    default Optional<FoundRelation> relation(String schema, String name) {
        return relations(schema).stream()
                .filter(found -> found.name().equals(name))
                .findFirst();
    }
}
