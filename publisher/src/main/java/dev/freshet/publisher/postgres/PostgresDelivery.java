package dev.freshet.publisher.postgres;

import dev.freshet.publisher.Approach;
import dev.freshet.publisher.PublishedModel;
import dev.freshet.publisher.Receipt;
import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.publisher.Repair;
import dev.freshet.publisher.WitnessedCuts;
import dev.freshet.publisher.postgres.PostgresCatalog.Relation;
import dev.freshet.state.FreshetException;
import dev.freshet.state.RowCursor;
import dev.freshet.state.RowPart;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StoredOutput;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One delivery: the work between the begin and the commit of one transaction. */
final class PostgresDelivery {

    private final PostgresSession session;
    private final PostgresLedger ledger;
    private final StateSnapshot snapshot;
    private final WitnessedCuts witnessed;
    private final Pace pace;
    private final Map<TableId, TableReceipt> receipts = new HashMap<>();

    /** How changes are applied. */
    enum Pace {
        /** All tables' statements in one round trip; an error fails the delivery. */
        TOGETHER,
        /** Table by table, so that one that fails can be told from the rest and left behind. */
        ONE_BY_ONE
    }

    PostgresDelivery(
            PostgresSession session,
            PostgresLedger ledger,
            StateSnapshot snapshot,
            WitnessedCuts witnessed,
            Pace pace) {
        this.session = session;
        this.ledger = ledger;
        this.snapshot = snapshot;
        this.witnessed = witnessed;
        this.pace = pace;
    }

    Receipt run(List<PublishedModel> models, List<Repair> repairs) throws SQLException {
        Map<TableId, StoredOutput> outputs = outputs(models);
        if (outputs.isEmpty()) {
            session.rollback();
            return new Receipt(snapshot.cut(), List.of());
        }
        PostgresLedger.Rows rows = lockedRows(List.copyOf(outputs.keySet()));
        Map<TableId, String> restatements = new LinkedHashMap<>();
        Map<TableId, Repair> repairing = new LinkedHashMap<>();
        repairs.stream()
                .filter(repair -> outputs.containsKey(repair.table()))
                .forEach(repair -> repairing.put(repair.table(), repair));
        applyDeltas(outputs, rows, repairing, restatements);
        restate(outputs, rows, restatements);
        for (Repair repair : repairing.values()) {
            if (!restatements.containsKey(repair.table())) {
                repair(repair.table(), repair.part().orElseThrow());
            }
        }
        advance(outputs, rows);
        return new Receipt(
                snapshot.cut(), outputs.keySet().stream().map(receipts::get).toList());
    }

    /** The models that have something to deliver; one that was never maintained has nothing yet. */
    private Map<TableId, StoredOutput> outputs(List<PublishedModel> models) {
        Map<TableId, StoredOutput> byId = new HashMap<>();
        snapshot.outputs().forEach(output -> byId.put(output.model(), output));
        Map<TableId, StoredOutput> wanted = new LinkedHashMap<>();
        for (PublishedModel model : models) {
            StoredOutput output = byId.get(model.table());
            if (output != null) {
                wanted.put(model.table(), output);
            }
        }
        return wanted;
    }

    private PostgresLedger.Rows lockedRows(List<TableId> tables) throws SQLException {
        if (!session.ledgerExists()) {
            ledger.create(session);
        }
        PostgresLedger.Rows rows = ledger.read(session);
        List<TableId> missing = tables.stream().filter(t -> !rows.holds(t)).toList();
        return missing.isEmpty() ? rows : ledger.claim(session, missing);
    }

    private void applyDeltas(
            Map<TableId, StoredOutput> outputs,
            PostgresLedger.Rows rows,
            Map<TableId, Repair> repairing,
            Map<TableId, String> restatements)
            throws SQLException {
        lookAtTables(outputs, rows);
        List<TableChange> staged = new ArrayList<>();
        for (StoredOutput output : outputs.values()) {
            TableId table = output.model();
            PostgresLedger.Row row = rows.row(table);
            Approach approach = row.isClaimOnly()
                    ? Approach.of(Optional.empty(), snapshot, output, witnessed)
                    : Approach.of(Optional.of(row.entry()), snapshot, output, witnessed);
            if (approach instanceof Approach.Restatement restatement) {
                restatements.put(table, restatement.reason());
            } else if (!row.isSameTable()) {
                restatements.put(table, "someone dropped or replaced it");
            } else if (!session.isVerified(table, row.currentRelation(), columns(output))) {
                restatements.put(table, "its columns differ from the model's");
            } else if (repairing.containsKey(table)
                    && (repairing.get(table).part().isEmpty() || approach instanceof Approach.Delta)) {
                restatements.put(table, "its rows are to be repaired");
            } else if (approach instanceof Approach.Delta delta) {
                stageDelta(output, delta.afterCut(), staged, restatements);
            } else {
                receipts.put(table, TableReceipt.unchanged(table));
            }
        }
        apply(staged, restatements);
    }

    /** Looks at those tables' columns that this session has not seen yet. */
    private void lookAtTables(Map<TableId, StoredOutput> outputs, PostgresLedger.Rows rows) throws SQLException {
        List<TableId> unseen = outputs.values().stream()
                .filter(output -> rows.row(output.model()).isSameTable())
                .filter(output -> !session.isVerified(
                        output.model(), rows.row(output.model()).currentRelation(), columns(output)))
                .map(StoredOutput::model)
                .toList();
        if (unseen.isEmpty()) {
            return;
        }
        PostgresCatalog.relations(session, unseen).forEach((table, relation) -> {
            TableSchema columns = columns(outputs.get(table));
            if (relation.holds(columns)) {
                session.verified(table, relation.id(), columns);
            }
        });
    }

    private static TableSchema columns(StoredOutput output) {
        return new TableSchema(output.schema().columns(), List.of());
    }

    private void stageDelta(
            StoredOutput output, long afterCut, List<TableChange> staged, Map<TableId, String> restatements)
            throws SQLException {
        TableId table = output.model();
        boolean keyed = output.schema().isKeyed();
        Optional<RowCursor> changes = snapshot.changes(table, afterCut);
        if (changes.isEmpty()) {
            restatements.put(table, "the delta log does not reach back to its last delivery");
            return;
        }
        try (RowCursor cursor = changes.get()) {
            if (pace == Pace.TOGETHER) {
                staged.add(stage(table, keyed, cursor));
            } else {
                isolated(table, () -> {
                    TableChange change = stage(table, keyed, cursor);
                    return applied(change, execute(change.statements()), restatements);
                });
            }
        }
    }

    private TableChange stage(TableId table, boolean keyed, RowCursor cursor) throws SQLException {
        return keyed
                ? TableChange.stageByKey(session, table, cursor)
                : TableChange.stageByValue(session, table, cursor);
    }

    /** All statements of all tables in one round trip. */
    private void apply(List<TableChange> changes, Map<TableId, String> restatements) throws SQLException {
        List<String> statements =
                changes.stream().flatMap(change -> change.statements().stream()).toList();
        long[] counts = execute(statements);
        int from = 0;
        for (TableChange change : changes) {
            int to = from + change.statements().size();
            receipts.put(change.table(), applied(change, Arrays.copyOfRange(counts, from, to), restatements));
            from = to;
        }
    }

    private TableReceipt applied(TableChange change, long[] counts, Map<TableId, String> restatements)
            throws SQLException {
        if (change.lacksRows(session, counts)) {
            restatements.put(change.table(), "rows that were delivered are not there any more");
        }
        return change.receipt(counts);
    }

    /** Of a table that stands at the snapshot's cut. */
    private void repair(TableId table, RowPart part) throws SQLException {
        isolated(table, () -> {
            try (RowCursor contents = snapshot.contents(table, part)) {
                return applyNow(TableChange.stageByComparison(session, table, contents, Optional.of(part)));
            }
        });
    }

    private TableReceipt applyNow(TableChange change) throws SQLException {
        return change.receipt(execute(change.statements()));
    }

    private long[] execute(List<String> statements) throws SQLException {
        if (statements.isEmpty()) {
            return new long[0];
        }
        try (Statement batch = session.connection().createStatement()) {
            for (String sql : statements) {
                batch.addBatch(sql);
            }
            return batch.executeLargeBatch();
        } catch (java.sql.BatchUpdateException e) {
            throw e.getNextException() == null ? e : e.getNextException();
        }
    }

    private void restate(
            Map<TableId, StoredOutput> outputs, PostgresLedger.Rows rows, Map<TableId, String> restatements)
            throws SQLException {
        if (restatements.isEmpty()) {
            return;
        }
        List<TableId> tables = List.copyOf(restatements.keySet());
        Map<TableId, String> others = ledger.otherPipelines(session, tables);
        Map<TableId, Relation> existing = PostgresCatalog.relations(session, tables);
        for (TableId table : tables) {
            String other = others.get(table);
            if (other != null && rows.row(table).isClaimOnly()) {
                receipts.put(
                        table,
                        TableReceipt.held(
                                table,
                                "table '" + table + "' is delivered by pipeline '" + other
                                        + "': give the model another schema or alias, or retract it there"));
                continue;
            }
            TableRestatement restatement = new TableRestatement(
                    session, snapshot, outputs.get(table), restatements.get(table), this::applyNow);
            isolated(table, () -> restatement.run(Optional.ofNullable(existing.get(table))));
        }
    }

    interface TableWork {
        TableReceipt run() throws SQLException;
    }

    /** Does a table's work so that its failure leaves the other tables' work standing. */
    private void isolated(TableId table, TableWork work) throws SQLException {
        Savepoint before = session.connection().setSavepoint();
        try {
            receipts.put(table, work.run());
            session.connection().releaseSavepoint(before);
        } catch (SQLException e) {
            if (!PostgresErrors.concernsOneTable(e)) {
                throw e;
            }
            session.connection().rollback(before);
            session.forgetStaging();
            FreshetException told = PostgresErrors.translateTable(e, table, session);
            receipts.put(table, TableReceipt.held(table, String.valueOf(told.getMessage())));
        } catch (TableHeldException e) {
            session.connection().rollback(before);
            session.forgetStaging();
            receipts.put(table, TableReceipt.held(table, String.valueOf(e.getMessage())));
        }
    }

    /** Moves the ledger and commits; ends the transaction without a write when nothing moved. */
    private void advance(Map<TableId, StoredOutput> outputs, PostgresLedger.Rows rows) throws SQLException {
        List<StoredOutput> delivered = outputs.values().stream()
                .filter(output -> receipts.get(output.model()).method() != Method.HELD)
                .toList();
        boolean still = delivered.stream()
                .allMatch(output -> receipts.get(output.model()).method() == Method.UNCHANGED
                        && ledger.stands(rows.row(output.model()), snapshot));
        if (still) {
            session.rollback();
            return;
        }
        ledger.advance(session, rows, snapshot, delivered);
        session.commit();
    }
}
