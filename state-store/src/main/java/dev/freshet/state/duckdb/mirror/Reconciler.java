package dev.freshet.state.duckdb.mirror;

import static dev.freshet.state.duckdb.sql.SqlText.quote;
import static java.util.Objects.requireNonNull;

import dev.freshet.state.Column;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Reconciliation;
import dev.freshet.state.RowMaintenance.ChangedValues;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StagedTable;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.catalog.Catalog;
import dev.freshet.state.duckdb.catalog.KnownTables;
import dev.freshet.state.duckdb.catalog.Mirror;
import dev.freshet.state.duckdb.session.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Brings the mirrors of one source to the end of a staged batch: land, fold, compare, apply, table by table. */
public final class Reconciler {

    private final Session session;
    private final Catalog catalog;
    private final List<String> cleanups;
    private final Set<TableId> readable;
    private final KnownTables known;
    private final RowsAtHand atHand;
    private final List<Reconciliation> reconciliations = new ArrayList<>();
    /** The tables of the batch that are no load, and their changes as soon as they have landed. */
    private final Map<TableId, StagedTable> changing = new HashMap<>();

    private final Map<TableId, Landing.Landed> landed = new HashMap<>();

    /**
     * @param cleanups receives, for each delta, the statement that removes its rows. Until then {@link dev.freshet.state.StateNames#delta} holds
     *     them
     * @param readable receives the tables whose delta can be read: their shape stayed
     * @param known what earlier transactions found out
     * @param atHand receives rows that models will look for
     */
    public Reconciler(
            Session session,
            Catalog catalog,
            List<String> cleanups,
            Set<TableId> readable,
            KnownTables known,
            RowsAtHand atHand) {
        this.atHand = atHand;
        this.session = session;
        this.known = known;
        this.readable = readable;
        this.catalog = catalog;
        this.cleanups = cleanups;
    }

    /**
     * Brings the mirrors to the end of a batch. What they have already is left out.
     *
     * @return what changed, without tables in which nothing did
     */
    public List<TableDelta> reconcile(StagedBatch batch) throws SQLException {
        SourcePosition cursor = catalog.cut().position(batch.source());
        requireSignedOrder(batch.end());
        if (cursor.isAfter(batch.end())) {
            return List.of();
        }
        List<StagedTable> tables = new ArrayList<>(batch.tables());
        tables.sort(Comparator.comparing(StagedTable::table));
        tables.stream()
                .filter(table -> !table.loading() && table.base().isEmpty())
                .forEach(table -> changing.put(table.table(), table));
        List<TableDelta> deltas = new ArrayList<>();
        for (StagedTable table : tables) {
            if (table.loading()) {
                notReady(table);
                continue;
            }
            TableDelta delta = table(table, cursor);
            if (!delta.isEmpty()) {
                deltas.add(delta);
            }
        }
        return deltas;
    }

    /** The tables that were compared with a complete load, and what was found. */
    public List<Reconciliation> reconciliations() {
        return reconciliations;
    }

    private void notReady(StagedTable staged) {
        Mirror mirror = catalog.mirror(staged.table());
        if (mirror != null && mirror.ready()) {
            catalog.put(mirror.withReady(false));
        }
    }

    private TableDelta table(StagedTable staged, SourcePosition cursor) throws SQLException {
        MirrorTable tables = new MirrorTable(session, catalog);
        TableSchema schema = staged.schema();
        Mirror mirror = catalog.mirror(staged.table());
        boolean reshaped = mirror == null || !mirror.schema().equals(schema);
        long before = mirror != null && reshaped ? count(mirror) : 0;
        if (mirror == null || (reshaped && staged.base().isPresent())) {
            mirror = tables.create(staged.table(), schema);
        } else if (reshaped) {
            mirror = tables.reshape(mirror, schema);
        }
        if (staged.base().isPresent() && !mirror.ready()) {
            mirror = mirror.withReady(true);
            catalog.put(mirror);
        }
        String name = StateNames.delta(staged.table());
        SourceDelta compared = new SourceDelta(session, mirror, name);
        TableDelta delta = apply(staged, cursor, mirror, compared);
        if (reshaped) {
            drop(compared);
            SourceDelta whole = new SourceDelta(session, mirror, name);
            TableDelta all = whole.wholeMirror(before);
            cleanups.addAll(whole.cleanups());
            return new TableDelta(all.table(), all.schema(), before, all.inserted(), true);
        }
        atHand.changed(staged.table(), compared.gone(), compared.came());
        if (delta.isEmpty()) {
            drop(compared);
        } else {
            cleanups.addAll(compared.cleanups());
            readable.add(staged.table());
        }
        return delta;
    }

    private void drop(SourceDelta delta) throws SQLException {
        for (String cleanup : delta.cleanups()) {
            session.working().cleanUp(cleanup);
        }
    }

    private TableDelta apply(StagedTable staged, SourcePosition cursor, Mirror mirror, SourceDelta delta)
            throws SQLException {
        boolean base = staged.base().isPresent();
        Landing.Landed landed = landed(staged, cursor);
        if (!base && landed.events() == 0 && !landed.truncated()) {
            return new TableDelta(staged.table(), staged.schema(), 0, 0, false);
        }
        if (base) {
            new Landing(session, staged, known).base(staged.base().get());
        }
        boolean empty = !known.isFilled(mirror) && count(mirror) == 0;
        if (!empty) {
            known.filled(mirror);
        }
        TableDelta result = staged.schema().isKeyed()
                ? keyed(landed, base, empty, mirror, delta, cursor)
                : keyless(landed, base, empty, mirror, delta);
        if (landed.partial() + delta.noOps() > 0) {
            reconciliations.add(new Reconciliation(staged.table(), delta.noOps(), landed.partial()));
        }
        if (base || result.rows() > Session.LARGE || landed.events() > Session.LARGE) {
            forgetWorkingTables(mirror);
        }
        return result;
    }

    /** The table's changes, which land once. */
    private Landing.Landed landed(StagedTable staged, SourcePosition cursor) throws SQLException {
        Landing.Landed before = landed.get(staged.table());
        if (before != null) {
            return before;
        }
        long after = staged.base().isPresent()
                ? staged.base().get().start().ordinal()
                : Math.max(staged.after().ordinal(), cursor.ordinal());
        Landing.Landed now = new Landing(session, staged, known).changes(after);
        landed.put(staged.table(), now);
        return now;
    }

    /** Finds the rows that changes are compared with, and with them those that models will look for; empty when they look for none. */
    private Optional<String> collected(Mirror mirror, SourcePosition cursor) throws SQLException {
        Optional<KnownTables.Expected> expected = known.expected(mirror);
        if (expected.isEmpty()) {
            return Optional.empty();
        }
        Column column = mirror.schema()
                .columns()
                .get(mirror.schema().indexOf(expected.get().column()));
        Map<ChangedValues, String> queries = new HashMap<>();
        for (ChangedValues values : expected.get().values()) {
            changed(values, column, cursor)
                    .ifPresent(
                            relation -> queries.put(values, "SELECT " + quote(values.column()) + " FROM " + relation));
        }
        return requireNonNull(landed.get(mirror.table())).events() > RowsAtHand.MANY
                ? Optional.empty()
                : atHand.collect(mirror, column, Landing.events(mirror.table()), queries);
    }

    /** Where values of a change can be read, or more of them; empty when they are not known yet. */
    private Optional<String> changed(ChangedValues values, Column like, SourcePosition cursor) throws SQLException {
        Mirror mirror = catalog.mirror(values.table());
        if (mirror == null
                || mirror.schema().columns().stream()
                        .noneMatch(each -> each.name().equals(values.column())
                                && each.type().equals(like.type()))) {
            return Optional.empty();
        }
        StagedTable staged = changing.get(values.table());
        if (staged == null) {
            return Optional.of(StateNames.delta(values.table())).filter(delta -> readable.contains(values.table()));
        }
        // Its events name every key whose row may be another one than before: those that rows left, too.
        if (!staged.schema().equals(mirror.schema())
                || !mirror.schema().key().contains(values.column())
                || catalog.isQuarantined(values.table())) {
            return Optional.empty();
        }
        Landing.Landed changes = landed(staged, cursor);
        return changes.truncated() || changes.poison() || changes.events() > RowsAtHand.MANY
                ? Optional.empty()
                : Optional.of(Landing.events(values.table()));
    }

    private TableDelta keyed(
            Landing.Landed landed, boolean base, boolean empty, Mirror mirror, SourceDelta delta, SourcePosition cursor)
            throws SQLException {
        KeyedFold fold = new KeyedFold(session, mirror);
        if (!base && !landed.truncated() && !landed.poison() && !catalog.isQuarantined(mirror.table())) {
            if (landed.unavailable().isEmpty()) {
                return delta.keyedChanges(fold.whole(), Landing.events(mirror.table()), collected(mirror, cursor));
            }
            if (!landed.partialMoves()) {
                return delta.keyedChanges(new LackingValues(mirror, landed), collected(mirror, cursor));
            }
        }
        Quarantine quarantine = new Quarantine(session, catalog, mirror);
        String folded = base ? KeyedFold.CONTENTS : fold.folded();
        if (base) {
            fold.base(landed);
        } else {
            fold.changes(landed, catalog.isQuarantined(mirror.table()));
        }
        if (base || landed.truncated()) {
            quarantine.clear();
        }
        if (base || landed.poison() || catalog.isQuarantined(mirror.table())) {
            quarantine.keyed(folded, landed);
        }
        if (empty) {
            return delta.fillKeyed(folded);
        }
        return base || landed.truncated()
                ? delta.keyedContents(folded)
                : delta.keyedChanges(folded, folded, Optional.empty());
    }

    private TableDelta keyless(Landing.Landed landed, boolean base, boolean empty, Mirror mirror, SourceDelta delta)
            throws SQLException {
        new BagImages(session, mirror).fill(landed);
        if (!base && !landed.truncated() && !landed.poison() && landed.deletes() == 0) {
            return delta.keylessInserts(landed.events());
        }
        Quarantine quarantine = new Quarantine(session, catalog, mirror);
        if (base || landed.truncated()) {
            quarantine.clear();
        }
        if (base) {
            quarantine.keylessBase(Landing.BASE);
        }
        if (landed.poison()) {
            quarantine.keylessEvents();
        }
        if (base && empty && landed.events() == 0 && !landed.truncated()) {
            return delta.fillKeyless();
        }
        if (base || landed.truncated()) {
            return delta.keylessContents(base && !landed.truncated());
        }
        return delta.keylessChanges();
    }

    private void forgetWorkingTables(Mirror mirror) throws SQLException {
        session.working().free(Landing.events(mirror.table()));
        session.working().free(new KeyedFold(session, mirror).folded());
    }

    private long count(Mirror mirror) throws SQLException {
        return session.number("SELECT count(*) FROM " + mirror.physical());
    }

    /** Positions are compared as signed numbers in SQL. */
    private static void requireSignedOrder(SourcePosition position) {
        if (position.ordinal() < 0) {
            throw new FreshetException(
                    ErrorKind.INTERNAL,
                    "the source's position " + position
                            + " is beyond 2^63, which the state store can't order: report this");
        }
    }
}
