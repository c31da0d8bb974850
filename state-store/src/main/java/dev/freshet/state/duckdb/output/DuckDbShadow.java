package dev.freshet.state.duckdb.output;

import dev.freshet.state.Cut;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.Shadow;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.state.duckdb.catalog.Catalog;
import dev.freshet.state.duckdb.catalog.CutClock;
import dev.freshet.state.duckdb.file.DatabaseFile;
import dev.freshet.state.duckdb.file.DuckDbConfig;
import dev.freshet.state.duckdb.file.StoreErrors;
import dev.freshet.state.duckdb.session.QueryShape;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.ModelQuery;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * A connection that reads the store as it was at one cut and writes to a database in memory beside it, which the writing connection can read once this one has
 * committed. DuckDB lets a transaction read several databases and write one, so neither gets into the other's way; what does not fit in memory spills.
 */
public final class DuckDbShadow implements Shadow {

    private static final String DATABASE = "freshet_shadow";

    /** What was computed of one model: a relation with its rows, in these columns. */
    public record Computed(String relation, QueryShape shape, Optional<ComputedTotals> totals) {}

    record ComputedTotals(List<String> relations, RowMaintenance.Totals totals) {}

    private final DuckDbConfig config;
    private final DuckDBConnection root;
    private final Session session;
    private final Cut cut;
    private final KeptChanges kept;
    private final Map<TableId, Computed> computed = new ConcurrentHashMap<>();
    /** Held while a statement runs. */
    private final ReentrantLock using = new ReentrantLock();

    private volatile @Nullable Statement running;
    private volatile boolean closed;

    private DuckDbShadow(DuckDbConfig config, DuckDBConnection root, Session session, Cut cut, Set<TableId> followed) {
        this.config = config;
        this.root = root;
        this.session = session;
        this.cut = cut;
        this.kept = new KeptChanges(followed, cut.number());
    }

    /**
     * Opens one at the last cut.
     *
     * @param followed tables of which the changes are kept from this cut on
     * @param zone of the models' clock
     */
    public static DuckDbShadow begin(DuckDBConnection root, DuckDbConfig config, Set<TableId> followed, ZoneId zone)
            throws SQLException {
        Session session = new Session(DatabaseFile.session(root.duplicate()));
        boolean done = false;
        try {
            session.execute("DETACH DATABASE IF EXISTS " + DATABASE);
            session.execute("ATTACH ':memory:' AS " + DATABASE);
            CutClock.install(session);
            session.transaction("BEGIN TRANSACTION");
            // The first read fixes what the transaction sees.
            Cut cut = Catalog.cut(session, "number = (SELECT max(number) FROM freshet.cut)");
            CutClock.set(session, cut.clock(), zone);
            done = true;
            return new DuckDbShadow(config, root, session, cut, followed);
        } finally {
            if (!done) {
                session.close();
            }
        }
    }

    @Override
    public Cut cut() {
        return cut;
    }

    /** What changed since the cut. */
    public KeptChanges kept() {
        return kept;
    }

    /** What was computed of a model; it must have been. */
    public Computed computed(TableId model) {
        return Optional.ofNullable(computed.get(model))
                .orElseThrow(() -> new IllegalStateException("'" + model + "' was not computed"));
    }

    @Override
    public void compute(List<Query> models) {
        for (Query query : models) {
            TableId model = query.model();
            String text = ModelQuery.single(readingComputed(query.sql()))
                    .orElseThrow(() -> ModelShapes.failed(
                            model, "its SQL is not exactly one query: a model is a single SELECT", null));
            try {
                QueryShape shape = shape(text);
                String relation = DATABASE + "." + StateNames.relation(model);
                run("CREATE SCHEMA IF NOT EXISTS " + DATABASE + "." + StateNames.quote(StateNames.schema(model)));
                run("CREATE TABLE " + relation + " AS " + shape.select(text));
                Optional<ComputedTotals> totals = Optional.empty();
                if (query.totals().isPresent()) {
                    totals = Optional.of(compute(query.totals().get(), computed.size()));
                }
                computed.put(model, new Computed(relation, shape, totals));
            } catch (QueryShape.Unfit e) {
                throw ModelShapes.failed(model, String.valueOf(e.getMessage()), e);
            } catch (SQLException e) {
                throw StoreErrors.isOurs(e) && !StoreErrors.isOutOfMemory(e)
                        ? StoreErrors.of("computing model '" + model + "'", config, e)
                        : ModelShapes.failed(
                                model,
                                "its SQL failed: "
                                        + String.valueOf(e.getMessage()).strip(),
                                e);
            }
        }
        try {
            run("COMMIT");
        } catch (SQLException e) {
            throw StoreErrors.of("ending a computation beside the cycles", config, e);
        }
    }

    private ComputedTotals compute(RowMaintenance.Totals totals, int number) throws SQLException {
        List<String> relations = new ArrayList<>();
        for (RowMaintenance.Sums sums : totals.sums()) {
            String relation = DATABASE + ".main.totals_" + number + "_" + relations.size();
            run("CREATE TABLE " + relation + " AS " + GroupTotals.summed(sums, readingComputed(sums.all())));
            relations.add(relation);
        }
        return new ComputedTotals(relations, totals);
    }

    /** The names of what was computed here mean that. Keeping the last part keeps what the text may call it by. */
    private String readingComputed(String sql) {
        String text = sql;
        for (Map.Entry<TableId, Computed> entry : computed.entrySet()) {
            text = text.replace(
                    StateNames.relation(entry.getKey()), entry.getValue().relation());
        }
        return text;
    }

    private QueryShape shape(String text) throws SQLException, QueryShape.Unfit {
        using.lock();
        try {
            requireOpen();
            return QueryShape.of(session, text);
        } finally {
            using.unlock();
        }
    }

    private void run(String sql) throws SQLException {
        using.lock();
        try (Statement statement = session.statement()) {
            running = statement;
            requireOpen();
            statement.execute(sql);
        } catch (SQLException e) {
            requireOpen();
            throw e;
        } finally {
            running = null;
            using.unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new FreshetException(ErrorKind.RETRYABLE, "computing beside the cycles was broken off");
        }
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        boolean free = false;
        try {
            while (!free) {
                Statement statement = running;
                if (statement != null) {
                    statement.cancel();
                }
                free = using.tryLock(20, TimeUnit.MILLISECONDS);
            }
            session.close();
            try (Session last = new Session(root.duplicate())) {
                last.execute("DETACH DATABASE IF EXISTS " + DATABASE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException ignored) {
            // The next one begins by removing what this one left.
        } finally {
            if (free) {
                using.unlock();
            }
        }
    }
}
