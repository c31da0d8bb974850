package dev.freshet.state.duckdb.catalog;

import dev.freshet.state.TableId;
import dev.freshet.state.duckdb.session.QueryShape;
import dev.freshet.state.duckdb.session.Session;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * The result shapes of models, kept from cycle to cycle: finding one out means planning the query once more. Anything that could change one, a
 * table's or view's shape, forgets them all.
 */
public final class ShapeCache {

    private record Known(String query, QueryShape shape) {}

    private final Map<TableId, Known> known = new HashMap<>();
    private final KnownTables tables = new KnownTables();

    /** The shape of a model's result. */
    public QueryShape of(Session session, TableId model, String query) throws SQLException, QueryShape.Unfit {
        Known entry = known.get(model);
        if (entry == null || !entry.query().equals(query)) {
            entry = new Known(query, QueryShape.of(session, query));
            known.put(model, entry);
        }
        return entry.shape();
    }

    /** What else is known as long as no shape changes. */
    public KnownTables tables() {
        return tables;
    }

    /** A table or view was made, changed or dropped. */
    public void forget() {
        known.clear();
        tables.forget();
    }
}
