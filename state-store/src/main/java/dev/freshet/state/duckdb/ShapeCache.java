package dev.freshet.state.duckdb;

import dev.freshet.state.TableId;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * The result shapes of models, kept from cycle to cycle: finding one out means planning the query once more. Anything that could change one, a
 * table's or view's shape, forgets them all.
 */
final class ShapeCache {

    private record Known(String query, QueryShape shape) {}

    private final Map<TableId, Known> known = new HashMap<>();
    private final KnownTables tables = new KnownTables();

    QueryShape of(Session session, TableId model, String query) throws SQLException, QueryShape.Unfit {
        Known entry = known.get(model);
        if (entry == null || !entry.query().equals(query)) {
            entry = new Known(query, QueryShape.of(session, query));
            known.put(model, entry);
        }
        return entry.shape();
    }

    KnownTables tables() {
        return tables;
    }

    void forget() {
        known.clear();
        tables.forget();
    }
}
