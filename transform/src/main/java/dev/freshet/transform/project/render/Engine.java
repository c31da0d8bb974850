package dev.freshet.transform.project.render;

/**
 * What runs a model's SQL, as its template sees it.
 *
 * @param adapterType what {@code adapter.type()} says and dispatch goes by
 */
public record Engine(String adapterType, RelationStyle style) {

    /** The state store's: maintained models are written in DuckDB's SQL. */
    public static final Engine STATE_STORE = new Engine("duckdb", RelationStyle.STATE_STORE);

    /** An output's own. */
    public static Engine of(String type) {
        return new Engine(type, RelationStyle.of(type));
    }
}
