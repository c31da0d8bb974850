package dev.freshet.state.duckdb.mirror;

import static dev.freshet.state.duckdb.mirror.Landing.OP;
import static dev.freshet.state.duckdb.mirror.Landing.POISON;
import static dev.freshet.state.duckdb.sql.SqlText.literal;
import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.catalog.Catalog;
import dev.freshet.state.duckdb.catalog.Mirror;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.RowHash;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;
import java.util.stream.Collectors;

/**
 * The rows that exist at the source but can't be represented, in {@code freshet.quarantine}: the row's key as a JSON array of texts (for a
 * keyless table the hash of what could be read of it), the reason and, for a keyless table, how many there are.
 */
final class Quarantine {

    private final Session session;
    private final Catalog catalog;
    private final Mirror mirror;

    Quarantine(Session session, Catalog catalog, Mirror mirror) {
        this.session = session;
        this.catalog = catalog;
        this.mirror = mirror;
    }

    /** The condition that an entry belongs to a table. */
    static String of(String alias, TableId table) {
        return alias + ".connection = " + literal(table.connection()) + " AND " + alias + ".schema_name = "
                + literal(table.schema()) + " AND " + alias + ".name = " + literal(table.name());
    }

    /** A key as an entry names it. */
    static String key(String alias, TableSchema schema) {
        return "to_json(["
                + schema.key().stream()
                        .map(name -> alias + "." + quote(name) + "::VARCHAR")
                        .collect(Collectors.joining(", "))
                + "])::VARCHAR";
    }

    void clear() throws SQLException {
        if (catalog.isQuarantined(mirror.table())) {
            session.execute("DELETE FROM freshet.quarantine q WHERE " + of("q", mirror.table()));
        }
    }

    /** Keyed: entries of the keys in a fold go, its poison rows come. */
    void keyed(String folded, Landing.Landed landed) throws SQLException {
        if (catalog.isQuarantined(mirror.table()) && landed.events() > 0) {
            session.execute("DELETE FROM freshet.quarantine q WHERE " + of("q", mirror.table())
                    + " AND q.row_key IN (SELECT " + key("f", mirror.schema()) + " FROM " + folded + " f)");
        }
        add("SELECT " + key("f", mirror.schema()) + ", " + POISON + ", 1 FROM " + folded + " f WHERE " + POISON
                + " IS NOT NULL");
    }

    /** Keyless: the poison rows of the landed events. */
    void keylessEvents() throws SQLException {
        String net = "SELECT " + RowHash.sql(mirror.schema().columns()) + "::VARCHAR AS row_key, min(" + POISON
                + ") AS reason, sum(CASE WHEN " + OP + " = 'd' THEN -1 ELSE 1 END)::BIGINT AS copies FROM "
                + Landing.events(mirror.table())
                + " WHERE " + POISON + " IS NOT NULL GROUP BY 1";
        add(net);
        session.execute(
                "UPDATE freshet.quarantine q SET copies = (SELECT sum(o.copies) FROM freshet.quarantine o WHERE "
                        + of("o", mirror.table())
                        + " AND o.row_key = q.row_key), row_key = CASE WHEN q.rowid = (SELECT min(o.rowid) FROM freshet.quarantine o WHERE "
                        + of("o", mirror.table()) + " AND o.row_key = q.row_key) THEN q.row_key ELSE '' END WHERE "
                        + of("q", mirror.table()));
        session.execute("DELETE FROM freshet.quarantine q WHERE " + of("q", mirror.table())
                + " AND (q.row_key = '' OR q.copies <= 0)");
    }

    /** Keyless: the poison rows of a base. */
    void keylessBase(String base) throws SQLException {
        add("SELECT " + SqlText.ROW_HASH + "::VARCHAR, min(" + POISON + "), count(*) FROM " + base + " WHERE " + POISON
                + " IS NOT NULL GROUP BY 1");
    }

    private void add(String entries) throws SQLException {
        TableId table = mirror.table();
        long added = session.update("INSERT INTO freshet.quarantine SELECT " + literal(table.connection()) + ", "
                + literal(table.schema()) + ", " + literal(table.name()) + ", * FROM (" + entries + ")");
        if (added > 0) {
            catalog.quarantined(table);
        }
    }
}
