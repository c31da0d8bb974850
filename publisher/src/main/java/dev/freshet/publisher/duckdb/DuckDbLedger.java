package dev.freshet.publisher.duckdb;

import dev.freshet.publisher.CutDocument;
import dev.freshet.publisher.FencedException;
import dev.freshet.publisher.LedgerEntry;
import dev.freshet.publisher.duckdb.DuckDbCatalog.Name;
import dev.freshet.publisher.duckdb.DuckDbCatalog.Relation;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import dev.freshet.state.StateEpoch;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StoredOutput;
import dev.freshet.state.TableId;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The publication ledger: which cut each delivered table shows. It lives in table {@code freshet_ledger} of the output's default schema and
 * moves in the deliveries' own transactions.
 *
 * <p>Columns: {@code pipeline, table_schema, table_name} (the key); {@code state_epoch} and {@code through_cut}, the state store's cut up to
 * which changes were applied; {@code cut}, a document with the number, clock and source positions that the rows are true for; {@code
 * table_comment}, the comment of the table that was delivered, which tells when someone replaced it; {@code owner_epoch} and {@code instance},
 * the writer; {@code delivery}, a number of its own for each commit, by which it is read back; {@code updated_at}.
 */
final class DuckDbLedger {

    private static final String NAME = "freshet_ledger";
    private static final String MARK = "Kept by Freshet, do not change: ";

    private final DuckDbSession session;
    private final Ownership owner;
    private final Map<Name, Row> rows = new HashMap<>();
    private final Map<Name, String> others = new HashMap<>();

    /** An entry as it was read, with the comment of the table that was delivered. */
    record Row(LedgerEntry entry, String comment) {

        boolean isOf(Relation relation) {
            return relation.isTable() && comment.equals(relation.comment());
        }
    }

    private DuckDbLedger(DuckDbSession session, Ownership owner) {
        this.session = session;
        this.owner = owner;
    }

    /** @throws FencedException when a higher epoch has written an entry of the pipeline */
    static DuckDbLedger read(DuckDbSession session, DuckDbCatalog catalog, Ownership owner) throws SQLException {
        DuckDbLedger ledger = new DuckDbLedger(session, owner);
        if (!catalog.holds(session.settings().schema(), NAME)) {
            session.execute("CREATE SCHEMA IF NOT EXISTS "
                    + session.schemaName(session.settings().schema()));
            session.execute("CREATE TABLE " + ledger.relation()
                    + " (pipeline VARCHAR NOT NULL, table_schema VARCHAR NOT NULL, table_name VARCHAR NOT NULL,"
                    + " state_epoch UUID NOT NULL, through_cut BIGINT NOT NULL, cut JSON NOT NULL,"
                    + " table_comment VARCHAR NOT NULL, owner_epoch BIGINT NOT NULL, instance UUID NOT NULL,"
                    + " delivery UUID NOT NULL, updated_at TIMESTAMPTZ NOT NULL)");
            return ledger;
        }
        session.rows(
                "SELECT pipeline, table_schema, table_name, state_epoch::VARCHAR, through_cut, owner_epoch,"
                        + " instance::VARCHAR, table_comment FROM " + ledger.relation(),
                row -> {
                    Name name = Name.of(row.getString(2), row.getString(3));
                    if (!row.getString(1).equals(owner.pipeline().toString())) {
                        return ledger.others.put(name, row.getString(1));
                    }
                    if (row.getLong(6) > owner.epoch()) {
                        throw ledger.fenced(row.getLong(6), row.getString(7));
                    }
                    LedgerEntry entry = new LedgerEntry(
                            new StateEpoch(UUID.fromString(row.getString(4))), row.getLong(5), row.getLong(6));
                    return ledger.rows.put(name, new Row(entry, row.getString(8)));
                });
        return ledger;
    }

    private FencedException fenced(long epoch, String instance) {
        return new FencedException("another instance has taken over pipeline '" + owner.pipeline() + "' on output '"
                + session.settings().output() + "' (its epoch " + epoch + ", instance " + instance + "; this one has "
                + owner.epoch() + "): nothing was delivered, stop this instance");
    }

    Optional<Row> row(TableId table) {
        return Optional.ofNullable(rows.get(Name.of(table)));
    }

    /** The other pipeline that delivers this table, if one does. */
    Optional<String> otherPipeline(TableId table) {
        return Optional.ofNullable(others.get(Name.of(table)));
    }

    /** Whether {@link #advance} would change nothing for this table. */
    boolean stands(TableId table, StateSnapshot snapshot) {
        return row(table)
                .map(Row::entry)
                .filter(entry -> entry.epoch().equals(snapshot.epoch())
                        && entry.throughCut() == snapshot.cut().number()
                        && entry.ownerEpoch() == owner.epoch())
                .isPresent();
    }

    /** Makes a table known as ours from now on; the entry has to be written in the same transaction. */
    void mark(TableId table, String comment) throws SQLException {
        session.execute("COMMENT ON TABLE " + session.name(table) + " IS " + Sql.literal(comment));
    }

    static String newComment(UUID mark) {
        return MARK + mark;
    }

    /**
     * Moves the entries of these outputs to the snapshot's cut.
     *
     * @param comments of tables that were marked in this transaction
     */
    void advance(StateSnapshot snapshot, List<StoredOutput> outputs, Map<TableId, String> comments, UUID delivery)
            throws SQLException {
        for (StoredOutput output : outputs) {
            TableId table = output.model();
            String comment = comments.containsKey(table)
                    ? comments.get(table)
                    : row(table).map(Row::comment).orElse("");
            if (row(table).isPresent()) {
                session.update(
                        "UPDATE " + relation() + " SET state_epoch = ?::UUID, through_cut = ?, cut = ?::JSON,"
                                + " table_comment = ?, owner_epoch = ?, instance = ?::UUID, delivery = ?::UUID,"
                                + " updated_at = now() WHERE pipeline = ? AND lower(table_schema) = lower(?)"
                                + " AND lower(table_name) = lower(?)",
                        snapshot.epoch().toString(),
                        snapshot.cut().number(),
                        CutDocument.of(output),
                        comment,
                        owner.epoch(),
                        owner.instance().toString(),
                        delivery.toString(),
                        owner.pipeline().toString(),
                        table.schema(),
                        table.name());
            } else {
                session.update(
                        "INSERT INTO " + relation()
                                + " VALUES (?, ?, ?, ?::UUID, ?, ?::JSON, ?, ?, ?::UUID, ?::UUID, now())",
                        owner.pipeline().toString(),
                        table.schema(),
                        table.name(),
                        snapshot.epoch().toString(),
                        snapshot.cut().number(),
                        CutDocument.of(output),
                        comment,
                        owner.epoch(),
                        owner.instance().toString(),
                        delivery.toString());
            }
        }
    }

    /** Commits, and reads the delivery's number back: a commit of DuckDB that kept nothing looks like one that did. */
    void commit(UUID delivery, int entries) {
        session.commit();
        long found;
        try {
            found = session.rows(
                            "SELECT count(*) FROM " + relation() + " WHERE delivery = ?::UUID",
                            row -> row.getLong(1),
                            delivery.toString())
                    .get(0);
        } catch (SQLException e) {
            throw session.outcomeUnknown(e);
        }
        if (found != entries) {
            throw new FreshetException(
                    ErrorKind.RETRYABLE,
                    "DuckDB did not keep the last delivery to file '"
                            + session.settings().file() + "' of output '"
                            + session.settings().output() + "' (" + found + " of " + entries
                            + " ledger entries): trying again");
        }
    }

    void remove(TableId table) throws SQLException {
        session.update(
                "DELETE FROM " + relation()
                        + " WHERE pipeline = ? AND lower(table_schema) = lower(?) AND lower(table_name) = lower(?)",
                owner.pipeline().toString(),
                table.schema(),
                table.name());
    }

    private String relation() {
        return session.name(session.settings().schema(), NAME);
    }
}
