package dev.freshet.state.duckdb.output;

import static dev.freshet.state.duckdb.sql.SqlText.WEIGHT;
import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.StateNames;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.catalog.Catalog;
import dev.freshet.state.duckdb.session.Planning;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What changed in some tables since a cut, in temporary tables of the writing connection: they are written in the transactions that make the changes, roll back with
 * them, and are gone with the process.
 */
public final class KeptChanges {

    private final Set<TableId> tables;
    private final long cut;

    KeptChanges(Set<TableId> tables, long cut) {
        this.tables = new TreeSet<>(tables);
        this.cut = cut;
    }

    /** Those whose changes are kept. */
    public Set<TableId> tables() {
        return Set.copyOf(tables);
    }

    /** Takes in what a transaction changed. Its {@link StateNames#delta} tables are there still. */
    public void add(Session session, Catalog catalog, Set<TableId> changed) throws SQLException {
        for (TableId table : tables) {
            if (changed.contains(table)) {
                TableSchema schema = catalog.schema(table).orElseThrow();
                create(session, table, schema);
                session.execute("INSERT INTO " + name(table) + " SELECT " + WEIGHT + ", "
                        + SqlText.names(schema.columns()) + " FROM " + StateNames.delta(table));
            }
        }
    }

    /** Leaves the net changes as the {@link StateNames#delta} of their tables. Those that cancelled out are left out. */
    public List<TableDelta> changes(Session session, Catalog catalog) throws SQLException {
        List<TableDelta> deltas = new ArrayList<>();
        for (TableId table : tables) {
            TableSchema schema = catalog.schema(table).orElseThrow();
            create(session, table, schema);
            BagDifference.Counts counts = new BagDifference(session, schema.columns(), StateNames.delta(table), 0)
                    .net(Planning.OPTIMIZED, name(table));
            if (counts.deleted() + counts.inserted() > 0) {
                deltas.add(new TableDelta(table, schema, counts.deleted(), counts.inserted(), false));
            }
        }
        return deltas;
    }

    /** Drops the temporary tables. */
    public void drop(Session session) throws SQLException {
        for (TableId table : tables) {
            session.execute("DROP TABLE IF EXISTS " + name(table));
        }
    }

    private void create(Session session, TableId table, TableSchema schema) throws SQLException {
        session.execute("CREATE TEMP TABLE IF NOT EXISTS " + name(table) + " (" + WEIGHT + " BIGINT, "
                + SqlText.definitions(schema.columns()) + ")");
    }

    private String name(TableId table) {
        return "temp." + quote("changes of " + StateNames.relation(table) + " since " + cut);
    }
}
