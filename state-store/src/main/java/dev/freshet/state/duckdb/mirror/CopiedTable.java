package dev.freshet.state.duckdb.mirror;

import static dev.freshet.state.duckdb.sql.SqlText.literal;
import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.Column;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.state.TableScan;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.catalog.Catalog;
import dev.freshet.state.duckdb.catalog.Mirror;
import dev.freshet.state.duckdb.catalog.ScanPlan;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.ModelQuery;
import dev.freshet.state.duckdb.sql.SqlText;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Mirrors that were copied once, for a run, and are only read. */
public final class CopiedTable {

    private static final long LONGEST_LINE_BYTES = 64L << 20;

    private final Session session;
    private final Catalog catalog;

    /** In the transaction of a session, which puts the mirrors into this catalog. */
    public CopiedTable(Session session, Catalog catalog) {
        this.session = session;
        this.catalog = catalog;
    }

    /**
     * Makes the mirror of a source table from a CSV file: no header, NULL as nothing, empty text in quotes.
     *
     * @param columns those that the file has, in its order; the others stay NULL
     */
    public void fill(TableId source, TableSchema schema, List<String> columns, Path file) throws SQLException {
        Mirror mirror = new MirrorTable(session, catalog).create(source, schema);
        List<Column> copied = columns.stream()
                .map(name -> schema.columns().get(schema.indexOf(name)))
                .toList();
        String types = SqlText.list(
                copied,
                column -> literal(column.name()) + ": " + literal(column.type().sql()));
        session.execute("INSERT INTO " + mirror.physical() + " (" + SqlText.names(copied) + ") SELECT "
                + SqlText.names(copied) + " FROM read_csv(" + literal(file.toString())
                + ", auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"', new_line = '\\n', nullstr = '',"
                + " allow_quoted_nulls = false, max_line_size = " + LONGEST_LINE_BYTES + ", columns = {" + types
                + "})");
    }

    /** What models read of source tables. Makes empty mirrors of these, for a transaction that is rolled back. */
    public List<TableScan> scans(Map<TableId, TableSchema> tables, Map<TableId, String> models) throws SQLException {
        MirrorTable shapes = new MirrorTable(session, catalog);
        List<Mirror> mirrors = new ArrayList<>();
        for (Map.Entry<TableId, TableSchema> table : tables.entrySet()) {
            mirrors.add(shapes.create(table.getKey(), table.getValue()));
        }
        ScanPlan plan = new ScanPlan(session, mirrors);
        for (Map.Entry<TableId, String> model : models.entrySet()) {
            String query = ModelQuery.single(model.getValue()).orElse(model.getValue());
            plan.add(query);
            session.execute("CREATE SCHEMA IF NOT EXISTS " + quote(StateNames.schema(model.getKey())));
            session.execute("CREATE OR REPLACE VIEW " + StateNames.relation(model.getKey()) + " AS " + query);
        }
        return plan.scans();
    }
}
