package dev.freshet.publisher.duckdb;

import dev.freshet.publisher.Approach;
import dev.freshet.publisher.Receipt;
import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.publisher.Repair;
import dev.freshet.publisher.WitnessedCuts;
import dev.freshet.publisher.duckdb.DuckDbCatalog.Name;
import dev.freshet.publisher.duckdb.DuckDbCatalog.Relation;
import dev.freshet.state.RowCursor;
import dev.freshet.state.RowPart;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StoredOutput;
import dev.freshet.state.TableId;
import dev.freshet.state.duckdb.file.HiddenValues;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt at a delivery: the work of one transaction. */
final class DuckDbDelivery {

    private static final Logger LOG = LoggerFactory.getLogger(DuckDbDelivery.class);

    private final DuckDbSession session;
    private final DuckDbCatalog catalog;
    private final DuckDbLedger ledger;
    private final StateSnapshot snapshot;
    private final WitnessedCuts witnessed;
    private final Supplier<UUID> marks;
    private final Map<TableId, String> comments = new HashMap<>();
    private final Map<TableId, Repair> repairing = new HashMap<>();
    private int staged;

    DuckDbDelivery(
            DuckDbSession session,
            DuckDbCatalog catalog,
            DuckDbLedger ledger,
            StateSnapshot snapshot,
            WitnessedCuts witnessed,
            Supplier<UUID> marks) {
        this.session = session;
        this.catalog = catalog;
        this.ledger = ledger;
        this.snapshot = snapshot;
        this.witnessed = witnessed;
        this.marks = marks;
    }

    /**
     * @param held why some tables are left as they are
     * @throws TableHeldException naming one more such table: nothing was changed
     */
    Receipt run(List<StoredOutput> outputs, Map<TableId, String> held, List<Repair> repairs) throws SQLException {
        repairs.forEach(repair -> repairing.put(repair.table(), repair));
        List<TableReceipt> receipts = new ArrayList<>();
        List<StoredOutput> delivered = new ArrayList<>();
        Set<Name> names = new HashSet<>();
        boolean still = true;
        for (StoredOutput output : outputs) {
            TableId table = output.model();
            String reason = held.get(table);
            if (reason != null) {
                receipts.add(TableReceipt.held(table, reason));
                continue;
            }
            if (!names.add(Name.of(table))) {
                throw new TableHeldException(
                        table,
                        "table '" + table
                                + "' differs from another model's by case only, which DuckDB takes for one: give one an alias",
                        null);
            }
            TableReceipt receipt = isolated(output);
            still &= receipt.method() == Method.UNCHANGED && ledger.stands(table, snapshot);
            receipts.add(receipt);
            delivered.add(output);
        }
        if (!still) {
            UUID delivery = marks.get();
            ledger.advance(snapshot, delivered, comments, delivery);
            ledger.commit(delivery, delivered.size());
        }
        return new Receipt(snapshot.cut(), receipts);
    }

    private TableReceipt isolated(StoredOutput output) throws SQLException {
        try {
            return deliver(output);
        } catch (SQLException e) {
            if (!DuckDbErrors.concernsOneTable(e)) {
                throw e;
            }
            throw new TableHeldException(
                    output.model(),
                    "table '" + output.model() + "' on output '"
                            + session.settings().output()
                            + "' can't be delivered and keeps its last state. DuckDB says: "
                            + DuckDbErrors.firstLine(e),
                    HiddenValues.in(e));
        }
    }

    private TableReceipt deliver(StoredOutput output) throws SQLException {
        TableId table = output.model();
        Optional<DuckDbLedger.Row> row = ledger.row(table);
        Optional<Relation> existing = catalog.relation(table);
        Approach approach = Approach.of(row.map(DuckDbLedger.Row::entry), snapshot, output, witnessed);
        if (approach instanceof Approach.Restatement restatement) {
            return restate(output, existing, row, restatement.reason());
        }
        if (existing.isEmpty() || !row.orElseThrow().isOf(existing.get())) {
            return restate(output, existing, row, "someone dropped or replaced it");
        }
        if (!existing.get().holds(output.schema())) {
            return restate(output, existing, row, "its columns differ from the model's");
        }
        Repair repair = repairing.get(table);
        if (repair != null) {
            // A transaction must not change the same rows twice: what has changed is compared whole.
            return repair.part().isEmpty() || approach instanceof Approach.Delta
                    ? restate(output, existing, row, "its rows are to be repaired")
                    : repaired(table, repair.part().get());
        }
        if (approach instanceof Approach.Delta delta) {
            Optional<RowCursor> changes = snapshot.changes(table, delta.afterCut());
            if (changes.isEmpty()) {
                return restate(output, existing, row, "the delta log does not reach back to its last delivery");
            }
            Optional<TableReceipt> applied;
            try (RowCursor cursor = changes.get()) {
                applied = output.schema().isKeyed()
                        ? Optional.of(StagedRows.byKey(session, table, cursor, staged++)
                                .applyByKey())
                        : StagedRows.byValue(session, table, cursor, staged++).applyChange();
            }
            return applied.isPresent()
                    ? applied.get()
                    : restate(output, existing, row, "rows that were delivered are not there any more");
        }
        return TableReceipt.unchanged(table);
    }

    private TableReceipt repaired(TableId table, RowPart part) throws SQLException {
        try (RowCursor contents = snapshot.contents(table, part)) {
            return StagedRows.byValue(session, table, contents, staged++).applyDifference(Optional.of(part));
        }
    }

    private TableReceipt restate(
            StoredOutput output, Optional<Relation> existing, Optional<DuckDbLedger.Row> row, String reason)
            throws SQLException {
        TableId table = output.model();
        Optional<String> other = ledger.otherPipeline(table);
        if (row.isEmpty() && other.isPresent()) {
            throw new TableHeldException(
                    table,
                    "table '" + table + "' is delivered by pipeline '" + other.get()
                            + "': give the model another schema or alias, or retract it there",
                    null);
        }
        Method method = Method.CREATION;
        if (existing.isPresent()) {
            if (existing.get().holds(output.schema())) {
                LOG.info("comparing table '{}': {}", table, reason);
                return compare(output, existing.get(), row);
            }
            LOG.info("replacing table '{}': {}", table, reason);
            drop(table, existing.get(), reason);
            method = Method.SWAP;
        } else {
            LOG.info("creating table '{}': {}", table, reason);
        }
        session.execute("CREATE SCHEMA IF NOT EXISTS " + session.schemaName(table.schema()));
        session.execute("CREATE TABLE " + session.name(table) + " ("
                + output.schema().columns().stream().map(Sql::definition).collect(Collectors.joining(", ")) + ")");
        mark(table);
        try (RowCursor contents = snapshot.contents(table)) {
            return StagedRows.byValue(session, table, contents, staged++).fillTable(method);
        }
    }

    private TableReceipt compare(StoredOutput output, Relation existing, Optional<DuckDbLedger.Row> row)
            throws SQLException {
        TableId table = output.model();
        if (row.isEmpty() || !row.get().isOf(existing)) {
            mark(table);
        }
        try (RowCursor contents = snapshot.contents(table)) {
            return StagedRows.byValue(session, table, contents, staged++).applyDifference(Optional.empty());
        }
    }

    /** The file is ours until the commit, so nobody meets the gap. Views name their tables and are not bound to them. */
    private void drop(TableId table, Relation existing, String reason) throws SQLException {
        if (!existing.isTable()) {
            session.execute("DROP VIEW " + session.name(table));
            return;
        }
        List<String> additions = DuckDbCatalog.additions(session, table);
        if (!additions.isEmpty()) {
            throw new TableHeldException(
                    table,
                    "table '" + table + "' on output '" + session.settings().output() + "' has to be replaced ("
                            + reason + ") and has something that Freshet did not make: " + String.join(", ", additions)
                            + ". Drop that and create it again afterwards; until then the table keeps its last state",
                    null);
        }
        session.execute("DROP TABLE " + session.name(table));
    }

    private void mark(TableId table) throws SQLException {
        String comment = DuckDbLedger.newComment(marks.get());
        ledger.mark(table, comment);
        comments.put(table, comment);
    }
}
