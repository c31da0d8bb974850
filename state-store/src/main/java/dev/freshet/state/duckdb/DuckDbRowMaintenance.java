package dev.freshet.state.duckdb;

import static dev.freshet.state.duckdb.sql.SqlText.literal;

import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.catalog.Catalog;
import dev.freshet.state.duckdb.catalog.KnownTables;
import dev.freshet.state.duckdb.catalog.Mirror;
import dev.freshet.state.duckdb.catalog.Output;
import dev.freshet.state.duckdb.output.BagDifference;
import dev.freshet.state.duckdb.output.ModelOutputs;
import dev.freshet.state.duckdb.session.Planning;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@link RowMaintenance} on the connection of a transaction. */
final class DuckDbRowMaintenance implements RowMaintenance {

    /** Built-in macros whose body calls nothing but repeatable functions, none of them an aggregate. DuckDB does not say so of macros. */
    private static final Set<String> REPEATABLE_MACROS = Set.of(
            "nullif",
            "split_part",
            "if",
            "date_add",
            "fmod",
            "fdiv",
            "days_in_month",
            "array_append",
            "array_prepend",
            "list_append",
            "list_prepend",
            "array_reverse",
            "list_reverse",
            "list_sum",
            "list_avg",
            "list_min",
            "list_max",
            "list_count",
            "list_first",
            "list_last",
            "array_to_string",
            "array_push_back",
            "array_push_front",
            "array_pop_back",
            "array_pop_front",
            "list_any_value",
            "list_median",
            "list_mode",
            "list_product",
            "list_string_agg",
            "list_histogram",
            "list_bool_and",
            "list_bool_or",
            "list_bit_and",
            "list_bit_or",
            "list_bit_xor",
            "list_stddev_pop",
            "list_stddev_samp",
            "list_var_pop",
            "list_var_samp",
            "map_contains_entry",
            "map_contains_value",
            "md5_number_lower",
            "md5_number_upper");

    private final DuckDbTransaction transaction;
    private final Session session;
    private final Catalog catalog;
    private final ModelOutputs models;
    private final KnownTables known;
    private final Set<TableId> changed;

    DuckDbRowMaintenance(
            DuckDbTransaction transaction,
            Session session,
            Catalog catalog,
            ModelOutputs models,
            KnownTables known,
            Set<TableId> changed) {
        this.known = known;
        this.transaction = transaction;
        this.session = session;
        this.catalog = catalog;
        this.models = models;
        this.changed = changed;
    }

    @Override
    public String syntaxTree(String sql) {
        return transaction.work("reading a model's syntax", () -> syntaxTree(session, sql));
    }

    static String syntaxTree(Session session, String sql) throws SQLException {
        return session.rows("SELECT json_serialize_sql(?)", row -> row.getString(1), sql)
                .get(0);
    }

    @Override
    public List<String> texts(List<String> syntaxTrees) {
        return transaction.work("writing a model's syntax", () -> {
            List<String> texts = new ArrayList<>();
            for (String tree : syntaxTrees) {
                texts.addAll(session.rows(
                        "SELECT json_deserialize_sql(" + literal(tree) + "::JSON)", row -> row.getString(1)));
            }
            return texts;
        });
    }

    @Override
    public Functions functions() {
        return transaction.work("listing functions", () -> {
            Set<String> aggregates = new HashSet<>();
            Set<String> repeatable = new HashSet<>(REPEATABLE_MACROS);
            session.rows(
                    "SELECT lower(function_name), bool_or(function_type = 'aggregate'), bool_and(stability = 'CONSISTENT')"
                            + " FROM duckdb_functions() WHERE function_type IN ('scalar', 'aggregate', 'window') GROUP BY 1",
                    row -> {
                        if (row.getBoolean(2)) {
                            aggregates.add(row.getString(1));
                        }
                        return row.getBoolean(3) && repeatable.add(row.getString(1));
                    });
            return new Functions(aggregates, repeatable);
        });
    }

    @Override
    public Optional<TableSchema> schema(TableId table) {
        return catalog.schema(table);
    }

    @Override
    public long rows(TableId table) {
        Output output = catalog.output(table);
        Mirror mirror = catalog.mirror(table);
        return output != null
                ? output.rows()
                : mirror == null
                        ? 0
                        : transaction.work("counting rows of '" + table + "'", () -> known.rows(session, mirror));
    }

    @Override
    public Optional<String> stored(TableId table) {
        Output output = catalog.output(table);
        Mirror mirror = catalog.mirror(table);
        return output != null
                ? Optional.of(output.physical())
                : Optional.ofNullable(mirror).map(Mirror::physical);
    }

    @Override
    public boolean changed(TableId table) {
        return changed.contains(table);
    }

    @Override
    public boolean changed(TableId table, Set<String> columns) {
        return transaction.work("looking at the change of '" + table + "'", () -> {
            List<Column> kept = schema(table).orElseThrow().columns().stream()
                    .filter(column -> columns.contains(column.name()))
                    .toList();
            String groups = kept.isEmpty() ? "" : " GROUP BY " + BagDifference.grouping(kept);
            return session.number(
                            Planning.AS_WRITTEN,
                            "SELECT count(*) FROM (SELECT 1 FROM " + StateNames.delta(table) + groups + " HAVING sum("
                                    + SqlText.WEIGHT + ") <> 0 LIMIT 1)")
                    > 0;
        });
    }

    @Override
    public TableSchema resultOf(TableId model, String sql, List<String> uniqueKey) {
        return transaction.model(model, () -> models.resultOf(model, sql, uniqueKey));
    }

    @Override
    public void trustKey(TableId model) {
        models.trustKey(model);
    }

    @Override
    public Keys stageKeys(TableId model, DataType type, List<String> queries) {
        return transaction.model(model, () -> {
            String keys = StateNames.keys(model);
            session.working().empty(keys, KEY + " " + type.sql());
            long staged = session.update(
                    Planning.OPTIMIZED,
                    "INSERT INTO " + keys + " SELECT DISTINCT " + KEY + " FROM (" + String.join(" UNION ALL ", queries)
                            + ") AS staged(" + KEY + ")");
            if (staged == 0) {
                return new Keys(0, false);
            }
            long known = session.number(Planning.AS_WRITTEN, "SELECT count(" + KEY + ") FROM " + keys);
            return new Keys(known, staged > known);
        });
    }

    @Override
    public Optional<String> atHand(TableId table, String column, List<ChangedValues> values) {
        return transaction.work(
                "looking for rows of '" + table + "'",
                () -> transaction.atHand().relation(table, column, values));
    }

    @Override
    public String matching(TableId table, String column, List<ChangedValues> values, List<String> columns) {
        return transaction.work("looking for rows of '" + table + "'", () -> models.matching()
                .relation(table, column, values, columns));
    }

    @Override
    public TableDelta recomputeKeys(
            TableId model, String sql, String keyColumn, Keys keys, Optional<Correction> correction) {
        return transaction.model(model, () -> models.recomputeKeys(model, sql, keyColumn, keys, correction));
    }

    @Override
    public Optional<TableDelta> applyDifference(TableId model, String sql, Reads reads) {
        return transaction.model(model, () -> models.applyDifference(model, sql, reads));
    }

    @Override
    public boolean keepsTotals(TableId model, Totals totals) {
        return models.keepsTotals(model, totals);
    }

    @Override
    public Optional<TableDelta> applyTotals(TableId model, Totals totals) {
        return transaction.model(model, () -> models.applyTotals(model, totals));
    }
}
