package dev.freshet.transform.project.render;

import java.util.Set;

/**
 * How the engine that runs a model's SQL writes the names of tables.
 *
 * @param quote the identifier quote
 * @param withDatabase whether the name has three parts
 * @param inStateStore whether tables are those of the state store, where the connection is part of the schema's name
 */
public record RelationStyle(String quote, boolean withDatabase, boolean inStateStore) {

    /** In maintained models. */
    public static final RelationStyle STATE_STORE = new RelationStyle("\"", false, true);

    private static final Set<String> BACKTICKS =
            Set.of("mysql", "mariadb", "bigquery", "databricks", "spark", "clickhouse");
    private static final Set<String> TWO_PARTS = Set.of("mysql", "mariadb", "spark", "clickhouse", "oracle");

    /** In the SQL that runs on an output of this type. */
    public static RelationStyle of(String type) {
        return new RelationStyle(BACKTICKS.contains(type) ? "`" : "\"", !TWO_PARTS.contains(type), false);
    }

    String quoted(String identifier) {
        return quote + identifier.replace(quote, quote + quote) + quote;
    }
}
