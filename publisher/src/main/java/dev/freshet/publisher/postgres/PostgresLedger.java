package dev.freshet.publisher.postgres;

import dev.freshet.publisher.CutDocument;
import dev.freshet.publisher.FencedException;
import dev.freshet.publisher.LedgerEntry;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import dev.freshet.state.StateEpoch;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StoredOutput;
import dev.freshet.state.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The publication ledger: which cut each delivered table shows. It lives in table {@code freshet_ledger} of the output's default schema and moves in
 * the deliveries' own transactions, which read it first and lock their pipeline's rows until they commit.
 *
 * <p>Columns: {@code pipeline, table_schema, table_name} (the key); {@code state_epoch} and {@code through_cut}, the state store's cut up to
 * which changes were applied; {@code cut}, a document with the number, clock and source positions that the rows are true for; {@code relation},
 * the table's object id, which tells when someone replaced the table; {@code owner_epoch} and {@code instance}, the writer; {@code
 * updated_at}.
 */
final class PostgresLedger {

    private static final String NAME = "freshet_ledger";
    private static final UUID NOTHING_DELIVERED = new UUID(0, 0);

    private static final String CURRENT_RELATION =
            "(select c.oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
                    + " where n.nspname = l.table_schema and c.relname = l.table_name)";

    private final String relation;
    private final Ownership owner;

    /** An entry as it was read, with the table's object id as recorded and as it is now; 0 for none. */
    record Row(LedgerEntry entry, long recordedRelation, long currentRelation) {

        boolean isClaimOnly() {
            return entry.epoch().id().equals(NOTHING_DELIVERED);
        }

        boolean isSameTable() {
            return recordedRelation != 0 && recordedRelation == currentRelation;
        }
    }

    private record Name(String schema, String table) {
        static Name of(TableId table) {
            return new Name(table.schema(), table.name());
        }
    }

    /** The pipeline's rows, locked. */
    static final class Rows {
        private final Map<Name, Row> rows;

        private Rows(Map<Name, Row> rows) {
            this.rows = rows;
        }

        boolean holds(TableId table) {
            return rows.containsKey(Name.of(table));
        }

        Row row(TableId table) {
            Row row = rows.get(Name.of(table));
            if (row == null) {
                throw new FreshetException(
                        ErrorKind.RETRYABLE, "the ledger has lost its entry for table '" + table + "': trying again");
            }
            return row;
        }
    }

    PostgresLedger(PostgresSettings settings, Ownership owner) {
        this.relation = relation(settings);
        this.owner = owner;
    }

    static String relation(PostgresSettings settings) {
        return Identifier.quote(settings.schema()) + "." + NAME;
    }

    void create(PostgresSession session) throws SQLException {
        PostgresCatalog.requireSchema(session, session.settings().schema());
        // Rows are updated with every delivery: room in the pages keeps those updates off the index.
        session.execute("create table if not exists " + relation
                + " (pipeline text not null, table_schema text not null, table_name text not null,"
                + " state_epoch uuid not null, through_cut bigint not null, cut jsonb not null, relation oid not null,"
                + " owner_epoch bigint not null, instance uuid not null, updated_at timestamptz not null,"
                + " primary key (pipeline, table_schema, table_name)) with (fillfactor = 50)");
        session.execute(
                "comment on table " + relation
                        + " is 'Freshet: the cut that each delivered table shows. Written in the deliveries'' own transactions.'");
        session.ledgerCreated();
    }

    /**
     * Reads and locks the pipeline's rows.
     *
     * @throws FencedException when a higher epoch has written one of them
     */
    Rows read(PostgresSession session) throws SQLException {
        String sql = "select l.table_schema, l.table_name, l.state_epoch, l.through_cut, l.owner_epoch, l.instance,"
                + " l.relation, coalesce(" + CURRENT_RELATION + ", 0) from " + relation
                + " l where l.pipeline = ? order by l.table_schema, l.table_name for update of l";
        Map<Name, Row> rows = new HashMap<>();
        try (PreparedStatement statement = session.connection().prepareStatement(sql)) {
            statement.setString(1, pipeline());
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    long epoch = result.getLong(5);
                    if (epoch > owner.epoch()) {
                        throw fenced(session, epoch, result.getString(6));
                    }
                    LedgerEntry entry =
                            new LedgerEntry(new StateEpoch(result.getObject(3, UUID.class)), result.getLong(4), epoch);
                    rows.put(
                            new Name(result.getString(1), result.getString(2)),
                            new Row(entry, result.getLong(7), result.getLong(8)));
                }
            }
        }
        return new Rows(rows);
    }

    private FencedException fenced(PostgresSession session, long epoch, String instance) {
        return new FencedException("another instance has taken over pipeline '" + owner.pipeline() + "' on output '"
                + session.settings().output() + "' (its epoch " + epoch + ", instance " + instance
                + "; this one has " + owner.epoch() + "): nothing was delivered, stop this instance");
    }

    /** Adds rows that say that nothing was delivered yet, so that there is something to lock, and reads all again. */
    Rows claim(PostgresSession session, List<TableId> tables) throws SQLException {
        Connection connection = session.connection();
        String sql =
                "insert into " + relation + " select ?, v.s, v.t, ?::uuid, 0, '{}', 0, ?, ?::uuid, clock_timestamp()"
                        + " from unnest(?::text[], ?::text[]) as v(s, t) order by v.s, v.t on conflict do nothing";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, pipeline());
            statement.setString(2, NOTHING_DELIVERED.toString());
            statement.setLong(3, owner.epoch());
            statement.setString(4, owner.instance().toString());
            statement.setArray(5, texts(connection, tables.stream().map(TableId::schema)));
            statement.setArray(6, texts(connection, tables.stream().map(TableId::name)));
            statement.executeUpdate();
        }
        return read(session);
    }

    /** Which of these tables another pipeline delivers, and which pipeline that is. */
    Map<TableId, String> otherPipelines(PostgresSession session, List<TableId> tables) throws SQLException {
        Connection connection = session.connection();
        String sql = "select l.table_schema, l.table_name, l.pipeline from " + relation
                + " l join unnest(?::text[], ?::text[]) as v(s, t) on l.table_schema = v.s and l.table_name = v.t"
                + " where l.pipeline <> ? and l.relation <> 0";
        Map<Name, String> others = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, texts(connection, tables.stream().map(TableId::schema)));
            statement.setArray(2, texts(connection, tables.stream().map(TableId::name)));
            statement.setString(3, pipeline());
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    others.put(new Name(result.getString(1), result.getString(2)), result.getString(3));
                }
            }
        }
        Map<TableId, String> byTable = new HashMap<>();
        for (TableId table : tables) {
            String other = others.get(Name.of(table));
            if (other != null) {
                byTable.put(table, other);
            }
        }
        return byTable;
    }

    /** Whether {@link #advance} would change nothing for this table. */
    boolean stands(Row row, StateSnapshot snapshot) {
        LedgerEntry entry = row.entry();
        return entry.epoch().equals(snapshot.epoch())
                && entry.throughCut() == snapshot.cut().number()
                && entry.ownerEpoch() == owner.epoch();
    }

    /** Moves the rows of these outputs to the snapshot's cut, from exactly where they were read. */
    void advance(PostgresSession session, Rows rows, StateSnapshot snapshot, List<StoredOutput> outputs)
            throws SQLException {
        Connection connection = session.connection();
        String sql = "update " + relation + " l set state_epoch = ?::uuid, through_cut = ?, cut = v.cut::jsonb,"
                + " relation = " + CURRENT_RELATION
                + ", owner_epoch = ?, instance = ?::uuid, updated_at = clock_timestamp()"
                + " from unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[]) as v(s, t, cut, epoch, through)"
                + " where l.pipeline = ? and l.table_schema = v.s and l.table_name = v.t and l.owner_epoch <= ?"
                + " and l.state_epoch = v.epoch::uuid and l.through_cut = v.through";
        List<LedgerEntry> read =
                outputs.stream().map(o -> rows.row(o.model()).entry()).toList();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, snapshot.epoch().toString());
            statement.setLong(2, snapshot.cut().number());
            statement.setLong(3, owner.epoch());
            statement.setString(4, owner.instance().toString());
            statement.setArray(
                    5, texts(connection, outputs.stream().map(o -> o.model().schema())));
            statement.setArray(
                    6, texts(connection, outputs.stream().map(o -> o.model().name())));
            statement.setArray(7, texts(connection, outputs.stream().map(CutDocument::of)));
            statement.setArray(
                    8, texts(connection, read.stream().map(e -> e.epoch().toString())));
            statement.setArray(
                    9,
                    connection.createArrayOf(
                            "bigint", read.stream().map(LedgerEntry::throughCut).toArray()));
            statement.setString(10, pipeline());
            statement.setLong(11, owner.epoch());
            int moved = statement.executeUpdate();
            if (moved != outputs.size()) {
                throw new FreshetException(
                        ErrorKind.RETRYABLE,
                        "the ledger on output '" + session.settings().output() + "' changed under a delivery (" + moved
                                + " of " + outputs.size() + " entries could be moved): trying again");
            }
        }
    }

    void remove(PostgresSession session, TableId table) throws SQLException {
        String sql = "delete from " + relation + " where pipeline = ? and table_schema = ? and table_name = ?";
        try (PreparedStatement statement = session.connection().prepareStatement(sql)) {
            statement.setString(1, pipeline());
            statement.setString(2, table.schema());
            statement.setString(3, table.name());
            statement.executeUpdate();
        }
    }

    private String pipeline() {
        return owner.pipeline().toString();
    }

    private static java.sql.Array texts(Connection connection, java.util.stream.Stream<String> values)
            throws SQLException {
        return connection.createArrayOf("text", values.toArray());
    }
}
