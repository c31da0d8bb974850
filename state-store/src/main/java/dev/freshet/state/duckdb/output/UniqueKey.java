package dev.freshet.state.duckdb.output;

import static dev.freshet.state.duckdb.sql.SqlText.WEIGHT;

import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.catalog.Output;
import dev.freshet.state.duckdb.session.LookupColumn;
import dev.freshet.state.duckdb.session.Planning;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/** Holds models to their {@code unique_key}: no two rows of a stored output have the same one, where NULL is a value as any other. */
final class UniqueKey {

    private final Session session;
    private final Set<TableId> trusted = new HashSet<>();

    UniqueKey(Session session) {
        this.session = session;
    }

    /** What changes of this model next need not be looked at: it can't share a key. */
    void trust(TableId model) {
        trusted.add(model);
    }

    /** Whether that was said since it was asked last. */
    boolean takeTrust(TableId model) {
        return trusted.remove(model);
    }

    /**
     * Holds all rows of a new output to its key.
     *
     * @throws ModelFailedException when two share one
     */
    void require(TableId model, TableSchema schema) throws SQLException {
        if (schema.isKeyed()) {
            refuse(model, schema, shared(Planning.OPTIMIZED, schema, StateNames.relation(model)));
        }
    }

    /**
     * Holds an output to its key that kept it before its difference was applied. So only keys can be shared that have more rows than before: rows that were
     * changed and kept theirs are not looked for.
     *
     * @throws ModelFailedException when two rows share one
     */
    void requireAfter(Output stored, String difference) throws SQLException {
        TableSchema schema = stored.schema();
        if (!schema.isKeyed()) {
            return;
        }
        String key = SqlText.quoted(schema.key());
        String grown = "SELECT " + key + " FROM " + difference + " GROUP BY " + key + " HAVING sum(" + WEIGHT + ") > 0";
        LookupColumn lookup = LookupColumn.of(
                session,
                "(" + grown + ")",
                schema.key().stream().map(SqlText::quote).toList());
        if (lookup.rows() > 0) {
            String sharing = lookup.among(stored.physical(), key);
            refuse(stored.model(), schema, shared(Planning.over(stored.rows()), schema, "(" + sharing + ")"));
        }
    }

    /** How many keys several rows have. */
    private long shared(Planning how, TableSchema schema, String rows) throws SQLException {
        return session.number(
                how,
                "SELECT count(*) FROM (SELECT 1 FROM " + rows + " o GROUP BY " + SqlText.quoted("o", schema.key())
                        + " HAVING count(*) > 1)");
    }

    private static void refuse(TableId model, TableSchema schema, long shared) {
        if (shared > 0) {
            throw ModelShapes.failed(
                    model,
                    "unique_key (" + String.join(", ", schema.key()) + ") does not identify a row: " + shared
                            + (shared == 1 ? " value occurs" : " values occur")
                            + " more than once. Remove the duplicates in the model's SQL, or correct unique_key",
                    null);
        }
    }
}
