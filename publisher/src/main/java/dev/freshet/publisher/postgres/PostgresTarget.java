package dev.freshet.publisher.postgres;

import dev.freshet.publisher.PublishedModel;
import dev.freshet.publisher.Receipt;
import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Repair;
import dev.freshet.publisher.Target;
import dev.freshet.publisher.WitnessedCuts;
import dev.freshet.publisher.postgres.PostgresDelivery.Pace;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers to a PostgreSQL database, 14 or later: all tables and the ledger in one transaction. {@link #close} may be called by any thread and
 * breaks off what is under way.
 *
 * <p>It keeps a session with temporary tables, so a connection pooler in front of the server must pool sessions, not transactions.
 */
final class PostgresTarget implements Target {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresTarget.class);

    private final PostgresSettings settings;
    private final Ownership owner;
    private final PostgresLedger ledger;
    private final WitnessedCuts witnessed = new WitnessedCuts();
    private Pace pace = Pace.TOGETHER;
    private volatile @Nullable PostgresSession session;
    private volatile boolean closed;

    PostgresTarget(PostgresSettings settings, Ownership owner) {
        this.settings = settings;
        this.owner = owner;
        this.ledger = new PostgresLedger(settings, owner);
    }

    @Override
    public Receipt publish(StateSnapshot snapshot, List<PublishedModel> models) {
        return publish(snapshot, models, List.of());
    }

    @Override
    public Receipt publish(StateSnapshot snapshot, List<PublishedModel> models, List<Repair> repairs) {
        return transact("delivering", open -> {
            Receipt receipt = new PostgresDelivery(open, ledger, snapshot, witnessed, pace).run(models, repairs);
            witnessed.note(receipt, snapshot);
            boolean held = receipt.tables().stream().anyMatch(table -> table.method() == Method.HELD);
            pace = held ? Pace.ONE_BY_ONE : Pace.TOGETHER;
            return receipt;
        });
    }

    @Override
    public void retract(List<PublishedModel> models) {
        List<PublishedModel> reversed = new ArrayList<>(models);
        Collections.reverse(reversed);
        transact("retracting", open -> {
            if (open.ledgerExists()) {
                PostgresLedger.Rows rows = ledger.read(open);
                for (PublishedModel model : reversed) {
                    if (rows.holds(model.table())) {
                        retract(open, model.table(), rows.row(model.table()));
                    }
                }
            }
            open.commit();
            reversed.forEach(model -> witnessed.forget(model.table()));
            return reversed;
        });
    }

    private void retract(PostgresSession open, TableId table, PostgresLedger.Row row) throws SQLException {
        if (row.isSameTable()) {
            requireRetractable(open, table, row.currentRelation());
            open.execute("drop table " + Identifier.quote(table));
        } else if (row.currentRelation() != 0) {
            LOG.warn("table '{}' is not the one that Freshet delivered: only its ledger entry is removed", table);
        }
        ledger.remove(open, table);
    }

    private static void requireRetractable(PostgresSession open, TableId table, long relation) throws SQLException {
        List<String> dependents =
                TableSwap.withEmptySearchPath(open, () -> PostgresCatalog.dependents(open, relation)).stream()
                        .filter(PostgresTarget::blocksDrop)
                        .toList();
        if (!dependents.isEmpty()) {
            throw new FreshetException(
                    ErrorKind.TARGET,
                    "table '" + table + "' can't be retracted, these depend on it: " + String.join(", ", dependents)
                            + ". Drop them first");
        }
    }

    /** What belongs to the table itself goes with it. */
    private static boolean blocksDrop(String dependent) {
        return !dependent.startsWith("trigger ")
                && !dependent.startsWith("row security")
                && !dependent.startsWith("publication ");
    }

    interface Transaction<T> {
        T run(PostgresSession session) throws SQLException;
    }

    /** Runs in one transaction. After any failure the connection is given up: the next call connects anew and knows nothing. */
    private <T> T transact(String doing, Transaction<T> transaction) {
        PostgresSession open = openSession();
        try {
            return transaction.run(open);
        } catch (SQLException e) {
            if (PostgresErrors.isConnectionLost(e)) {
                drop(open);
            } else {
                pace = Pace.ONE_BY_ONE;
                session = null;
                open.rollbackAndClose();
            }
            if (PostgresErrors.isLockTimeout(e) && hasEndedEarlierOwners()) {
                return transact(doing, transaction);
            }
            throw PostgresErrors.translate(e, doing, settings);
        } catch (RuntimeException | Error e) {
            drop(open);
            throw e;
        }
    }

    /** Nothing of an earlier owner may hold this one up; others' locks are waited for. */
    private boolean hasEndedEarlierOwners() {
        try (Connection connection = PostgresSession.connect(settings, OwnersSession.name(owner))) {
            return OwnersSession.endEarlier(connection, owner);
        } catch (SQLException | FreshetException e) {
            LOG.debug("looking for sessions of earlier owners", e);
            return false;
        }
    }

    private PostgresSession openSession() {
        PostgresSession open = session;
        if (open == null) {
            open = PostgresSession.open(settings, owner);
            session = open;
        }
        if (closed) {
            drop(open);
            throw new FreshetException(ErrorKind.RETRYABLE, "output '" + settings.output() + "' was closed");
        }
        return open;
    }

    private void drop(PostgresSession open) {
        session = null;
        open.close();
    }

    @Override
    public void close() {
        closed = true;
        PostgresSession open = session;
        if (open != null) {
            open.close();
        }
    }
}
