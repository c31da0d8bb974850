package dev.freshet.state.duckdb;

import static dev.freshet.state.duckdb.sql.SqlText.CUT;

import dev.freshet.state.Cut;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.RowCursor;
import dev.freshet.state.RowPart;
import dev.freshet.state.StateEpoch;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StoredOutput;
import dev.freshet.state.TableId;
import dev.freshet.state.duckdb.catalog.Catalog;
import dev.freshet.state.duckdb.catalog.CutClock;
import dev.freshet.state.duckdb.catalog.Output;
import dev.freshet.state.duckdb.file.DuckDbConfig;
import dev.freshet.state.duckdb.file.StoreErrors;
import dev.freshet.state.duckdb.output.ImageCursor;
import dev.freshet.state.duckdb.output.Images;
import dev.freshet.state.duckdb.output.TableCursor;
import dev.freshet.state.duckdb.session.ResultCursor;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.PartSql;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A read transaction on a connection of its own. */
final class DuckDbSnapshot implements StateSnapshot {

    private final Session session;
    private final DuckDbConfig config;
    private final Consumer<DuckDbSnapshot> onClose;
    private final StateEpoch epoch;
    private final Cut cut;
    private final Map<TableId, Output> stored = new HashMap<>();
    private final List<StoredOutput> outputs = new ArrayList<>();
    /** Most snapshots run nobody's query and need none. */
    private boolean hasClock;

    private DuckDbSnapshot(Session session, DuckDbConfig config, Consumer<DuckDbSnapshot> onClose) throws SQLException {
        this.session = session;
        this.config = config;
        this.onClose = onClose;
        this.epoch = Catalog.epoch(session);
        this.cut = Catalog.cut(session, "number = (SELECT max(number) FROM freshet.cut)");
        List<Output> known = new ArrayList<>(Catalog.outputs(session));
        known.sort((left, right) -> left.model().compareTo(right.model()));
        for (Output output : known) {
            stored.put(output.model(), output);
            outputs.add(new StoredOutput(
                    output.model(),
                    output.schema(),
                    output.rows(),
                    output.changedAt(),
                    output.isHeld() ? Catalog.cut(session, "number = " + output.heldAt()) : cut,
                    output.isHeld() ? Optional.of(output.held()) : Optional.empty()));
        }
    }

    static DuckDbSnapshot begin(Session session, DuckDbConfig config, Consumer<DuckDbSnapshot> onClose)
            throws SQLException {
        boolean done = false;
        try {
            // The first read right after it fixes what the transaction sees.
            session.transaction("BEGIN TRANSACTION READ ONLY");
            DuckDbSnapshot snapshot = new DuckDbSnapshot(session, config, onClose);
            done = true;
            return snapshot;
        } finally {
            if (!done) {
                session.close();
            }
        }
    }

    @Override
    public StateEpoch epoch() {
        return epoch;
    }

    @Override
    public Cut cut() {
        return cut;
    }

    @Override
    public List<StoredOutput> outputs() {
        return List.copyOf(outputs);
    }

    @Override
    public Optional<StoredOutput> output(TableId model) {
        return outputs.stream().filter(output -> output.model().equals(model)).findFirst();
    }

    @Override
    public Optional<RowCursor> changes(TableId model, long afterCut) {
        Output output = require(model);
        if (!isLogged(output, afterCut)) {
            return Optional.empty();
        }
        return Optional.of(
                reading(model, () -> ResultCursor.weighted(session, output.schema(), net(output, afterCut))));
    }

    /** Signed rows after a cut, those that cancel out left out. */
    private static String net(Output output, long afterCut) {
        return Images.net(output, CUT + " > " + afterCut);
    }

    @Override
    public Optional<List<Cut>> changedCuts(TableId model, long afterCut) {
        Output output = require(model);
        if (!isLogged(output, afterCut)) {
            return Optional.empty();
        }
        if (output.changedAt() <= afterCut) {
            return Optional.of(List.of());
        }
        return Optional.of(reading(model, () -> Images.changedCuts(session, output, afterCut)));
    }

    @Override
    public Optional<RowCursor> images(TableId model, long afterCut, long throughCut) {
        Output output = require(model);
        if (!isLogged(output, afterCut) || throughCut > cut.number()) {
            return Optional.empty();
        }
        return Optional.of(reading(model, () -> Images.between(session, output, afterCut, throughCut)));
    }

    @Override
    public Optional<RowCursor> imagesAt(TableId model, long at) {
        Output output = require(model);
        if (at != cut.number() && !isLogged(output, at)) {
            return Optional.empty();
        }
        return Optional.of(reading(model, () -> new ImageCursor(session, config, output, at)));
    }

    private boolean isLogged(Output output, long afterCut) {
        return afterCut >= output.logFrom() && afterCut <= cut.number();
    }

    @Override
    public RowCursor contents(TableId model) {
        Output output = require(model);
        return guarded(
                "reading model '" + model + "'",
                () -> new TableCursor(session, config, output.schema(), output.physical()));
    }

    @Override
    public RowCursor contents(TableId model, RowPart part) {
        Output output = require(model);
        return guarded(
                "reading model '" + model + "'",
                () -> ResultCursor.of(
                        session,
                        output.schema(),
                        "SELECT " + SqlText.names(output.schema().columns()) + " FROM " + output.physical() + " WHERE "
                                + PartSql.condition(part, output.schema())));
    }

    @Override
    public String recall(String key) {
        return guarded(
                "recalling what was remembered",
                () ->
                        session
                                .rows("SELECT value FROM freshet.memory WHERE key = ?", row -> row.getString(1), key)
                                .stream()
                                .findFirst()
                                .orElse(""));
    }

    @Override
    public void clock(Instant now, ZoneId zone) {
        guarded("setting the clock", () -> {
            if (!hasClock) {
                CutClock.install(session);
                hasClock = true;
            }
            CutClock.set(session, now, zone);
            return now;
        });
    }

    @Override
    public String syntaxTree(String sql) {
        return guarded("reading a query's syntax", () -> DuckDbRowMaintenance.syntaxTree(session, sql));
    }

    @Override
    public RowCursor query(String sql) {
        if (!hasClock) {
            clock(cut.clock(), ZoneOffset.UTC);
        }
        return ResultCursor.ofQuery(session, config, sql);
    }

    private interface Reading<T> {
        T read() throws SQLException;
    }

    private <T> T reading(TableId model, Reading<T> reading) {
        return guarded("reading the changes of model '" + model + "'", reading);
    }

    private <T> T guarded(String doing, Reading<T> reading) {
        try {
            return reading.read();
        } catch (SQLException e) {
            throw StoreErrors.of(doing, config, e);
        }
    }

    private Output require(TableId model) {
        Output output = stored.get(model);
        if (output == null) {
            throw new FreshetException(
                    ErrorKind.INTERNAL, "model '" + model + "' has no stored output at cut " + cut.number());
        }
        return output;
    }

    @Override
    public void close() {
        onClose.accept(this);
        try {
            session.close();
        } catch (SQLException ignored) {
            // A read transaction leaves nothing behind.
        }
    }
}
