package dev.freshet.publisher.duckdb;

import dev.freshet.publisher.PublishedModel;
import dev.freshet.publisher.Receipt;
import dev.freshet.publisher.Repair;
import dev.freshet.publisher.Target;
import dev.freshet.publisher.WitnessedCuts;
import dev.freshet.publisher.duckdb.DuckDbCatalog.Relation;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StoredOutput;
import dev.freshet.state.TableId;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers to a DuckDB file: all tables and the ledger in one transaction, the file open during a delivery only. {@link #close} may be called by
 * any thread and breaks off what is under way.
 */
final class DuckDbTarget implements Target {

    private static final Logger LOG = LoggerFactory.getLogger(DuckDbTarget.class);

    private final DuckDbSettings settings;
    private final Ownership owner;
    private final Supplier<UUID> marks;
    private final StatementListener listener;
    private final WitnessedCuts witnessed = new WitnessedCuts();
    private volatile @Nullable DuckDbSession session;
    private volatile boolean closed;

    /** @param marks numbers that never repeat, for deliveries and tables */
    DuckDbTarget(DuckDbSettings settings, Ownership owner, Supplier<UUID> marks, StatementListener listener) {
        this.settings = settings;
        this.owner = owner;
        this.marks = marks;
        this.listener = listener;
    }

    @Override
    public Receipt publish(StateSnapshot snapshot, List<PublishedModel> models) {
        return publish(snapshot, models, List.of());
    }

    @Override
    public Receipt publish(StateSnapshot snapshot, List<PublishedModel> models, List<Repair> repairs) {
        List<StoredOutput> outputs = outputs(snapshot, models);
        if (outputs.isEmpty()) {
            return new Receipt(snapshot.cut(), List.of());
        }
        Map<TableId, String> held = new HashMap<>();
        while (true) {
            try {
                return transact("delivering", open -> {
                    DuckDbCatalog catalog = DuckDbCatalog.read(open);
                    DuckDbLedger ledger = DuckDbLedger.read(open, catalog, owner);
                    Receipt receipt = new DuckDbDelivery(open, catalog, ledger, snapshot, witnessed, marks)
                            .run(outputs, held, repairs);
                    witnessed.note(receipt, snapshot);
                    return receipt;
                });
            } catch (TableHeldException e) {
                // Each attempt names another table, so there are at most as many as tables.
                if (held.put(e.table(), String.valueOf(e.getMessage())) != null) {
                    throw e;
                }
            }
        }
    }

    /** The models that have something to deliver; one that was never maintained has nothing yet. */
    private static List<StoredOutput> outputs(StateSnapshot snapshot, List<PublishedModel> models) {
        return models.stream()
                .map(model -> snapshot.output(model.table()))
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    public void retract(List<PublishedModel> models) {
        if (!Files.exists(settings.file())) {
            // Nothing was delivered to a file that is not there, and none should come of asking.
            return;
        }
        List<PublishedModel> reversed = new ArrayList<>(models);
        Collections.reverse(reversed);
        transact("retracting", open -> {
            DuckDbCatalog catalog = DuckDbCatalog.read(open);
            DuckDbLedger ledger = DuckDbLedger.read(open, catalog, owner);
            for (PublishedModel model : reversed) {
                TableId table = model.table();
                Optional<DuckDbLedger.Row> row = ledger.row(table);
                if (row.isPresent()) {
                    Optional<Relation> existing = catalog.relation(table);
                    if (existing.filter(row.get()::isOf).isPresent()) {
                        open.execute("DROP TABLE " + open.name(table));
                    } else if (existing.isPresent()) {
                        LOG.warn(
                                "table '{}' is not the one that Freshet delivered: only its ledger entry is removed",
                                table);
                    }
                    ledger.remove(table);
                }
            }
            open.commit();
            reversed.forEach(model -> witnessed.forget(model.table()));
            return reversed;
        });
    }

    private interface Transaction<T> {
        T run(DuckDbSession session) throws SQLException;
    }

    /** Opens the file, runs in one transaction and closes the file: whatever was not committed is gone. */
    private <T> T transact(String doing, Transaction<T> transaction) {
        try (DuckDbSession open = DuckDbSession.open(settings, listener)) {
            session = open;
            if (closed) {
                throw new FreshetException(ErrorKind.RETRYABLE, "output '" + settings.output() + "' was closed");
            }
            return transaction.run(open);
        } catch (SQLException e) {
            throw DuckDbErrors.translate(e, doing, settings);
        } finally {
            session = null;
        }
    }

    @Override
    public void close() {
        closed = true;
        DuckDbSession open = session;
        if (open != null) {
            open.cancel();
        }
    }
}
