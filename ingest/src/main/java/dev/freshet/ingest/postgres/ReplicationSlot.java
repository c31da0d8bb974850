package dev.freshet.ingest.postgres;

import dev.freshet.ingest.SourceProblem;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Our replication slot: checked, created before the first load, and made anew when what it kept for us is lost. */
final class ReplicationSlot {

    private static final int CREATE_LIMIT_SECONDS = 120;
    private static final long ACTIVE_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final Database database;
    private final SourceNames names;

    ReplicationSlot(Database database, SourceNames names) {
        this.database = database;
        this.names = names;
    }

    /**
     * Where the stream can go on.
     *
     * @param from transactions that commit after this LSN are sent
     * @param gap why changes between the wanted position and {@code from} are lost, so that every table must be loaded anew
     */
    record Outcome(long from, Optional<String> gap) {}

    private record Existing(
            String plugin, String database, @Nullable Integer activePid, @Nullable String walStatus, long confirmed) {}

    /** @throws FreshetException SOURCE naming every setting and right that is missing */
    void checkServer(Connection connection) {
        List<SourceProblem> problems = serverProblems(connection);
        if (!problems.isEmpty()) {
            throw new FreshetException(
                    ErrorKind.SOURCE, problems.stream().map(SourceProblem::text).collect(Collectors.joining("\n")));
        }
    }

    /** What capture needs of the server and of the user's role in it. */
    List<SourceProblem> serverProblems(Connection connection) {
        List<SourceProblem> problems = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "select current_setting('wal_level'), pg_is_in_recovery(), current_setting('server_version_num')::int,"
                                + " r.rolsuper or r.rolreplication or exists (select from pg_roles m where m.rolname ="
                                + " 'rds_replication' and pg_has_role(r.oid, m.oid, 'member')),"
                                + " exists (select from pg_roles m where m.rolname = 'rds_replication')"
                                + " from pg_roles r where r.rolname = current_user")) {
            row.next();
            if (row.getInt(3) < 140000) {
                problems.add(SourceProblem.of(
                        says("runs PostgreSQL " + row.getInt(3) / 10000 + ": capture needs version 14 or newer")));
            }
            if (row.getBoolean(2)) {
                problems.add(SourceProblem.of(says("is a standby: point 'host' at the primary server")));
            }
            if (!row.getString(1).equals("logical")) {
                problems.add(new SourceProblem(
                        says(
                                "has wal_level '" + row.getString(1)
                                        + "', so its log carries no row changes; the new level counts when the server was restarted"),
                        List.of("alter system set wal_level = 'logical'")));
            }
            if (!row.getBoolean(4)) {
                String user = Database.identifier(database.user());
                problems.add(new SourceProblem(
                        says("does not let user '" + database.user() + "' replicate"),
                        List.of(
                                row.getBoolean(5)
                                        ? "grant rds_replication to " + user
                                        : "alter role " + user + " replication")));
            }
            return problems;
        } catch (SQLException e) {
            throw database.failed("reading the server's settings", e);
        }
    }

    /** Whether a slot of ours is there or can be made. */
    void checkRoom(Connection connection) {
        try (PreparedStatement query = connection.prepareStatement("select count(*) filter (where slot_name = ?) > 0"
                + " or count(*) < current_setting('max_replication_slots')::int from pg_replication_slots")) {
            query.setString(1, names.slot());
            try (ResultSet row = query.executeQuery()) {
                row.next();
                if (!row.getBoolean(1)) {
                    throw noRoom();
                }
            }
        } catch (SQLException e) {
            throw database.failed("counting replication slots", e);
        }
    }

    private FreshetException noRoom() {
        return refused("has no replication slot left: raise max_replication_slots and restart the server, or drop"
                + " a slot that nobody uses (select slot_name from pg_replication_slots where not active)");
    }

    /**
     * @param wanted where we stand; 0 when nothing is staged and any position will do
     * @param publicationIsNew the log before now can't be decoded any more
     */
    Outcome ensure(Connection connection, long wanted, PublicationAge publicationIsNew) throws InterruptedException {
        try {
            long inserted = lsn(connection, "pg_current_wal_insert_lsn()");
            if (inserted < wanted) {
                throw refused(
                        "is behind what was captured from it before (its log ends at " + text(inserted)
                                + ", staging stands at " + text(wanted)
                                + "): it was restored from a backup or replaced. Remove this pipeline's staging and start again");
            }
            Existing slot = waitUntilFree(connection);
            if (slot == null) {
                long from = create(connection);
                return new Outcome(from, wanted == 0 ? Optional.empty() : Optional.of("is gone"));
            }
            if (!slot.plugin.equals("pgoutput") || !slot.database.equals(database.name())) {
                throw refused("has a replication slot \"" + names.slot() + "\" of another kind or database ("
                        + slot.plugin + ", " + slot.database + "): rename the project, or drop that slot");
            }
            Optional<String> gap = Optional.empty();
            if ("lost".equals(slot.walStatus)) {
                gap = Optional.of("was invalidated by the server (see max_slot_wal_keep_size)");
            } else if (publicationIsNew == PublicationAge.NEW) {
                gap = Optional.of("has lost its publication");
            } else if (wanted != 0 && slot.confirmed > wanted) {
                gap = Optional.of("was moved beyond what is staged (it stands at " + text(slot.confirmed)
                        + ", staging at " + text(wanted) + ")");
            }
            if (gap.isEmpty()) {
                return new Outcome(Math.max(wanted, slot.confirmed), gap);
            }
            drop(connection);
            return new Outcome(create(connection), wanted == 0 ? Optional.empty() : gap);
        } catch (SQLException e) {
            throw database.failed("setting up replication slot \"" + names.slot() + "\"", e);
        }
    }

    /** Whether the publication was made just now. */
    enum PublicationAge {
        NEW,
        KEPT
    }

    /** A process that was killed leaves its sender behind for a moment. */
    private @Nullable Existing waitUntilFree(Connection connection) throws SQLException, InterruptedException {
        long deadline = System.nanoTime() + ACTIVE_LIMIT_NANOS;
        while (true) {
            Existing slot = find(connection);
            if (slot == null || slot.activePid == null) {
                return slot;
            }
            if (System.nanoTime() > deadline) {
                throw new FreshetException(
                        ErrorKind.RETRYABLE,
                        "replication slot \"" + names.slot() + "\" of output '" + database.output()
                                + "' is in use by another process (server process " + slot.activePid
                                + "): stop the other Freshet, or end a left-over connection with  select pg_terminate_backend("
                                + slot.activePid + ")");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    private @Nullable Existing find(Connection connection) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "select coalesce(plugin, 'physical'), coalesce(database, ''), active_pid, wal_status,"
                        + " coalesce((confirmed_flush_lsn - '0/0'::pg_lsn)::int8, 0)"
                        + " from pg_catalog.pg_replication_slots where slot_name = ?")) {
            query.setString(1, names.slot());
            try (ResultSet row = query.executeQuery()) {
                if (!row.next()) {
                    return null;
                }
                int pid = row.getInt(3);
                Integer active = row.wasNull() ? null : pid;
                return new Existing(row.getString(1), row.getString(2), active, row.getString(4), row.getLong(5));
            }
        }
    }

    private long create(Connection connection) throws SQLException {
        try (PreparedStatement create = connection.prepareStatement(
                "select (lsn - '0/0'::pg_lsn)::int8 from pg_create_logical_replication_slot(?, 'pgoutput')")) {
            create.setString(1, names.slot());
            create.setQueryTimeout(CREATE_LIMIT_SECONDS);
            try (ResultSet row = create.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        } catch (SQLException e) {
            if ("57014".equals(e.getSQLState())) {
                throw new FreshetException(
                        ErrorKind.RETRYABLE,
                        "replication slot \"" + names.slot() + "\" of output '" + database.output()
                                + "' could not be made within "
                                + CREATE_LIMIT_SECONDS + " s because older transactions are still open"
                                + oldest(connection)
                                + ": end them, then start again",
                        e);
            }
            if ("53400".equals(e.getSQLState())) {
                throw noRoom();
            }
            throw e;
        }
    }

    private static String oldest(Connection connection) throws SQLException {
        List<String> processes = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select pid from pg_stat_activity where backend_xid is not null"
                        + " and pid <> pg_backend_pid() order by xact_start limit 5")) {
            while (row.next()) {
                processes.add(row.getString(1));
            }
        }
        return processes.isEmpty() ? "" : " (server processes " + String.join(", ", processes) + ")";
    }

    private void drop(Connection connection) throws SQLException {
        try (PreparedStatement drop = connection.prepareStatement("select pg_drop_replication_slot(?)")) {
            drop.setString(1, names.slot());
            drop.execute();
        }
    }

    private FreshetException refused(String why) {
        return new FreshetException(ErrorKind.SOURCE, says(why));
    }

    private String says(String why) {
        return "the server of output '" + database.output() + "' " + why;
    }

    static long lsn(Connection connection, String expression) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select (" + expression + " - '0/0'::pg_lsn)::int8")) {
            row.next();
            return row.getLong(1);
        }
    }

    /** PostgreSQL's own spelling of a log position. */
    static String text(long lsn) {
        return String.format(java.util.Locale.ROOT, "%X/%X", lsn >>> 32, lsn & 0xffffffffL);
    }
}
