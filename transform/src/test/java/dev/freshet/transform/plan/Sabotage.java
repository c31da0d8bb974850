package dev.freshet.transform.plan;

import dev.freshet.state.Accumulation;
import dev.freshet.state.Cut;
import dev.freshet.state.DataType;
import dev.freshet.state.RowCursor;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBase;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StagedVersions;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Ways to leave out or turn around one rule of computing affected rows. */
enum Sabotage {
    NONE,
    /** Keys of restricted leaves are not collected. */
    NO_KEYS_OF_OWN,
    /** Keys that another table's change affects through a join are not collected. */
    NO_KEYS_THROUGH_JOINS,
    /** Keys that the change of a subquery's table affects through IN or a correlation are not collected. */
    NO_KEYS_THROUGH_SUBQUERIES,
    /** Columns that the model needs are taken for others. */
    NO_NEEDED_COLUMNS,
    /** Several tables changed at once: rows that another model looks for, too, are looked for by the changes of one of them. */
    NO_MATCHING_ROWS,
    /** No rows were found with those that a table's own changes are compared with. */
    NOTHING_AT_HAND,
    /** NULL is not taken for a key. */
    NO_NULL,
    /** Only rows that came are followed. */
    NO_DELETED_ROWS,
    /** Only rows that left are followed. */
    NO_INSERTED_ROWS,
    /** Two tables changed at once: only the rows that the other one has now are joined. */
    NO_ROWS_OF_BEFORE,
    /** Rows that left stay in counts and sums. */
    TOTALS_WITHOUT_DELETED_ROWS,
    /** Rows that came are not counted. */
    TOTALS_WITHOUT_INSERTED_ROWS,
    /** Two tables changed at once, and keys of parts are looked for in the rows that the other one has now. */
    TOTALS_KEYS_WITHOUT_ROWS_OF_BEFORE,
    /** The affected parts are taken to have been before what they are now. */
    TOTALS_WITHOUT_PARTS_OF_BEFORE,
    /** What a LIMIT leaves of the groups that changed is taken for what it leaves of all. */
    TOTALS_LIMIT_OF_TOUCHED_GROUPS,
    /** A model is not computed again of its groups when only tables beside them changed. */
    GROUPINGS_WITHOUT_TABLES_BESIDE,
    /** Of several groupings in a model only the first is brought along. */
    GROUPINGS_BUT_THE_FIRST,
    /** What came is taken and what left is added. */
    TOTALS_NEGATED,
    /** Two tables changed at once: both changes are joined with what the other one is now. */
    TOTALS_WITHOUT_ROWS_OF_BEFORE,
    /** Of a table that changes meet only the other rows are joined. */
    TOTALS_OF_ROWS_NOT_MET,
    /** Where a model's rows follow from the changed rows alone: those of rows that left stay. */
    ROWS_WITHOUT_DELETED_ROWS,
    /** There those of rows that came are left out. */
    ROWS_WITHOUT_INSERTED_ROWS,
    /** There those that leave come and those that come leave. */
    ROWS_NEGATED,
    /** Where a table changes of which rows have nothing but values: they keep those that they have. */
    LOOKUPS_NOT_CORRECTED,
    /** There rows get the values that were. */
    LOOKUPS_CORRECTED_BACK,
    /** There rows come and go with those of the table, which are taken to be the same. */
    LOOKUPS_WITHOUT_ROWS_THAT_COME;

    private static final String WEIGHTED = "(temp\\.\"delta of (?:[^\"]|\"\")*+\")";

    /** The models that are needed to see it. */
    RandomModels.Focus focus() {
        if (this == NONE) {
            return RandomModels.Focus.NOTHING;
        }
        if (this == NO_KEYS_THROUGH_SUBQUERIES) {
            return RandomModels.Focus.SUBQUERIES;
        }
        if (name().startsWith("GROUPINGS")) {
            return RandomModels.Focus.GROUPINGS;
        }
        if (isOfRows()) {
            return RandomModels.Focus.ROWS;
        }
        if (name().startsWith("LOOKUPS")) {
            return RandomModels.Focus.LOOKUPS;
        }
        return name().startsWith("TOTALS") ? RandomModels.Focus.TOTALS : RandomModels.Focus.KEYS;
    }

    private boolean isOfRows() {
        return name().startsWith("ROWS");
    }

    StateTransaction of(StateTransaction transaction) {
        return this == NONE ? transaction : new Transaction(transaction);
    }

    private List<String> keys(List<String> queries) {
        List<String> left =
                switch (this) {
                    case NO_KEYS_OF_OWN ->
                        queries.stream().filter(Sabotage::isLinked).toList();
                    case NO_KEYS_THROUGH_JOINS ->
                        queries.stream().filter(query -> !isLinked(query)).toList();
                    case NO_KEYS_THROUGH_SUBQUERIES ->
                        queries.stream()
                                .filter(query -> !query.contains(" = ANY(SELECT "))
                                .toList();
                    case NO_DELETED_ROWS -> replaced(queries, WEIGHTED, "(select * from $1 where _freshet_weight > 0)");
                    case NO_INSERTED_ROWS ->
                        replaced(queries, WEIGHTED, "(select * from $1 where _freshet_weight < 0)");
                    case NO_ROWS_OF_BEFORE, TOTALS_KEYS_WITHOUT_ROWS_OF_BEFORE ->
                        replaced(
                                queries,
                                " UNION ALL (SELECT (?:\"(?:[^\"]|\"\")*\"(?:, )?)+ FROM " + WEIGHTED + ")(?! WHERE )",
                                "");
                    default -> queries;
                };
        return left.isEmpty() ? List.of("SELECT * FROM (" + queries.get(0) + ") WHERE false") : left;
    }

    private String changes(String rows) {
        return switch (this) {
            case TOTALS_WITHOUT_DELETED_ROWS, ROWS_WITHOUT_DELETED_ROWS ->
                rows.replaceAll(WEIGHTED, "(select * from $1 where _freshet_weight > 0)");
            case TOTALS_WITHOUT_INSERTED_ROWS, ROWS_WITHOUT_INSERTED_ROWS ->
                rows.replaceAll(WEIGHTED, "(select * from $1 where _freshet_weight < 0)");
            case TOTALS_WITHOUT_PARTS_OF_BEFORE ->
                rows.replace("SELECT * REPLACE (-\"_freshet_weight\" AS", "SELECT * REPLACE (0::BIGINT AS");
            case TOTALS_NEGATED, ROWS_NEGATED ->
                "select * replace (-_freshet_weight as _freshet_weight) from (" + rows + ")";
            case TOTALS_WITHOUT_ROWS_OF_BEFORE ->
                rows.replaceAll(
                        " UNION ALL SELECT (?:\"(?:[^\"]|\"\")*\", )+-(?:sign\\()?\"_freshet_weight\"(?:\\)::BIGINT)? AS \"_freshet_weight\" FROM "
                                + "(?:\\(SELECT \\*, unnest\\(range\\(abs\\(\"_freshet_weight\"\\)\\)\\) FROM "
                                + WEIGHTED + "\\)|" + WEIGHTED + ")",
                        "");
            case TOTALS_OF_ROWS_NOT_MET -> rows.replace(" AS stored SEMI JOIN ", " AS stored ANTI JOIN ");
            default -> rows;
        };
    }

    private static boolean isLinked(String query) {
        return query.startsWith("SELECT * FROM (");
    }

    private static List<String> replaced(List<String> queries, String pattern, String by) {
        return queries.stream().map(query -> query.replaceAll(pattern, by)).toList();
    }

    private final class Rows implements RowMaintenance {

        private final RowMaintenance rows;

        Rows(RowMaintenance rows) {
            this.rows = rows;
        }

        @Override
        public String syntaxTree(String sql) {
            return rows.syntaxTree(sql);
        }

        @Override
        public List<String> texts(List<String> syntaxTrees) {
            return rows.texts(syntaxTrees);
        }

        @Override
        public Functions functions() {
            return rows.functions();
        }

        @Override
        public Optional<TableSchema> schema(TableId table) {
            return rows.schema(table);
        }

        @Override
        public long rows(TableId model) {
            return rows.rows(model);
        }

        @Override
        public Optional<String> stored(TableId table) {
            return rows.stored(table);
        }

        @Override
        public boolean changed(TableId table) {
            return rows.changed(table);
        }

        @Override
        public boolean changed(TableId table, Set<String> columns) {
            return Sabotage.this != NO_NEEDED_COLUMNS
                    && (Sabotage.this != LOOKUPS_WITHOUT_ROWS_THAT_COME || !columns.equals(Set.of("id")))
                    && rows.changed(table, columns);
        }

        @Override
        public TableSchema resultOf(TableId model, String sql, List<String> uniqueKey) {
            return rows.resultOf(model, sql, uniqueKey);
        }

        @Override
        public void trustKey(TableId model) {
            rows.trustKey(model);
        }

        @Override
        public Keys stageKeys(TableId model, DataType type, List<String> queries) {
            Keys keys = rows.stageKeys(model, type, keys(queries));
            return Sabotage.this == NO_NULL ? new Keys(keys.count(), false) : keys;
        }

        @Override
        public Optional<String> atHand(TableId table, String column, List<ChangedValues> values) {
            Optional<String> found =
                    Sabotage.this == NO_MATCHING_ROWS ? Optional.empty() : rows.atHand(table, column, values);
            return Sabotage.this == NOTHING_AT_HAND
                    ? found.map(relation -> "(SELECT * FROM " + relation + " LIMIT 0)")
                    : found;
        }

        @Override
        public String matching(TableId table, String column, List<ChangedValues> values, List<String> columns) {
            return rows.matching(
                    table, column, Sabotage.this == NO_MATCHING_ROWS ? values.subList(0, 1) : values, columns);
        }

        @Override
        public TableDelta recomputeKeys(
                TableId model, String sql, String keyColumn, Keys keys, Optional<Correction> correction) {
            return rows.recomputeKeys(
                    model,
                    sql,
                    keyColumn,
                    keys,
                    Sabotage.this == LOOKUPS_NOT_CORRECTED ? Optional.empty() : correction.map(this::corrected));
        }

        private Correction corrected(Correction correction) {
            return Sabotage.this == LOOKUPS_CORRECTED_BACK
                    ? new Correction(
                            correction.column(),
                            correction.sql().replace("\"_freshet_weight\" > 0", "\"_freshet_weight\" < 0"),
                            correction.values())
                    : correction;
        }

        @Override
        public Optional<TableDelta> applyDifference(TableId model, String sql, Reads reads) {
            boolean rowByRow = sql.startsWith("SELECT 1::BIGINT");
            return rows.applyDifference(model, rowByRow == isOfRows() ? changes(sql) : sql, reads);
        }

        @Override
        public boolean keepsTotals(TableId model, Totals totals) {
            return rows.keepsTotals(model, totals);
        }

        @Override
        public Optional<TableDelta> applyTotals(TableId model, Totals totals) {
            List<Sums> sums = new ArrayList<>();
            for (Sums one : totals.sums()) {
                String changes = Sabotage.this == GROUPINGS_BUT_THE_FIRST && !sums.isEmpty() ? "" : one.changes();
                sums.add(new Sums(
                        one.groups(),
                        one.addends(),
                        one.all(),
                        changes.isEmpty() || isOfRows() ? changes : changes(changes),
                        one.reads()));
            }
            return rows.applyTotals(model, new Totals(sums, totals.output(), reach(totals)));
        }

        private Reach reach(Totals totals) {
            return switch (Sabotage.this) {
                case TOTALS_LIMIT_OF_TOUCHED_GROUPS -> totals.sums().size() == 1 ? Reach.GROUP : totals.reach();
                case GROUPINGS_WITHOUT_TABLES_BESIDE ->
                    totals.reach() == Reach.TABLES ? Reach.ALL_GROUPS : totals.reach();
                default -> totals.reach();
            };
        }
    }

    private final class Transaction implements StateTransaction {

        private final StateTransaction transaction;

        Transaction(StateTransaction transaction) {
            this.transaction = transaction;
        }

        @Override
        public Optional<RowMaintenance> rowMaintenance() {
            return transaction.rowMaintenance().map(Rows::new);
        }

        @Override
        public List<TableDelta> reconcile(StagedBatch batch) {
            return transaction.reconcile(batch);
        }

        @Override
        public boolean isReady(TableId source) {
            return transaction.isReady(source);
        }

        @Override
        public void defineView(TableId model, String sql) {
            transaction.defineView(model, sql);
        }

        @Override
        public TableDelta recompute(TableId model, String sql, List<String> uniqueKey) {
            return transaction.recompute(model, sql, uniqueKey);
        }

        @Override
        public TableDelta accumulate(TableId model, Accumulation accumulation) {
            return transaction.accumulate(model, accumulation);
        }

        @Override
        public TableDelta adopt(TableId model, TableSchema schema, StagedBase rows) {
            return transaction.adopt(model, schema, rows);
        }

        @Override
        public void drop(TableId model) {
            transaction.drop(model);
        }

        @Override
        public void hold(TableId model, String reason) {
            transaction.hold(model, reason);
        }

        @Override
        public StagedVersions stageVersions(TableId source) {
            return transaction.stageVersions(source);
        }

        @Override
        public StagedVersions stageVersions(TableId source, StagedBatch staged, SourcePosition since) {
            return transaction.stageVersions(source, staged, since);
        }

        @Override
        public RowCursor query(String sql) {
            return transaction.query(sql);
        }

        @Override
        public void remember(String key, String value) {
            transaction.remember(key, value);
        }

        @Override
        public String recall(String key) {
            return transaction.recall(key);
        }

        @Override
        public Cut commit(Map<String, SourcePosition> positions, Instant clock) {
            return transaction.commit(positions, clock);
        }

        @Override
        public void close() {
            transaction.close();
        }
    }
}
