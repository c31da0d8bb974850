package dev.freshet.state.duckdb.catalog;

import static dev.freshet.state.duckdb.sql.SqlText.literal;

import dev.freshet.state.Cut;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.PoisonRows;
import dev.freshet.state.StateEpoch;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.ShapeText;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the store knows about itself: read from schema {@code freshet} once, then kept in memory. A transaction works on a {@link #copy} and
 * writes what it changed with {@link #flush}, few statements however much it was.
 */
public final class Catalog {

    /** Raised whenever the tables below, {@link RowHash} or the layout change their meaning. */
    static final int FORMAT = 1;

    private final SortedMap<TableId, Mirror> mirrors = new TreeMap<>();
    private final SortedMap<TableId, Output> outputs = new TreeMap<>();
    private final Map<TableId, String> views = new HashMap<>();
    private final Map<String, String> memory = new HashMap<>();
    private final Map<String, TableId> relations = new HashMap<>();
    private final Set<TableId> quarantined = new HashSet<>();
    private List<PoisonRows> poison = List.of();
    private final Set<TableId> dirty = new LinkedHashSet<>();
    private final Set<String> dirtyMemory = new LinkedHashSet<>();
    private final Map<Long, Long> logged = new HashMap<>();
    private StateEpoch epoch = new StateEpoch(new UUID(0, 0));
    private Cut cut = Cut.NONE;
    private long nextId = 1;

    private Catalog() {}

    /** Makes the tables of a new store. */
    static void create(Session session, UUID epoch) throws SQLException {
        session.execute("CREATE SCHEMA freshet");
        session.execute("CREATE SCHEMA mirror");
        session.execute("CREATE SCHEMA delta_log");
        session.execute("CREATE TABLE freshet.store (format INTEGER, epoch UUID)");
        session.execute("CREATE TABLE freshet.cut (number BIGINT, clock VARCHAR, positions VARCHAR)");
        session.execute(
                "CREATE TABLE freshet.source (connection VARCHAR, schema_name VARCHAR, name VARCHAR, id BIGINT, shape VARCHAR,"
                        + " ready BOOLEAN)");
        session.execute(
                "CREATE TABLE freshet.model (connection VARCHAR, schema_name VARCHAR, name VARCHAR, id BIGINT, shape VARCHAR,"
                        + " row_count BIGINT, changed_at BIGINT, log_from BIGINT, held VARCHAR, held_at BIGINT)");
        session.execute(
                "CREATE TABLE freshet.view (connection VARCHAR, schema_name VARCHAR, name VARCHAR, query VARCHAR)");
        session.execute("CREATE TABLE freshet.memory (key VARCHAR, value VARCHAR)");
        session.execute(
                "CREATE TABLE freshet.quarantine (connection VARCHAR, schema_name VARCHAR, name VARCHAR, row_key VARCHAR,"
                        + " reason VARCHAR, copies BIGINT)");
        session.execute("INSERT INTO freshet.store VALUES (" + FORMAT + ", " + literal(epoch.toString()) + ")");
    }

    /** Reads what the last transaction left. */
    public static Catalog load(Session session) throws SQLException {
        Catalog catalog = new Catalog();
        catalog.epoch = epoch(session);
        catalog.cut = cut(session, "number = (SELECT max(number) FROM freshet.cut)");
        session.rows(
                "SELECT connection, schema_name, name, id, shape, ready FROM freshet.source",
                row -> catalog.put(
                        new Mirror(row.getLong(4), table(row), ShapeText.schema(row.getString(5)), row.getBoolean(6))));
        outputs(session).forEach(catalog::put);
        session.rows(
                "SELECT connection, schema_name, name, query FROM freshet.view",
                row -> catalog.views.put(table(row), row.getString(4)));
        session.rows(
                "SELECT key, value FROM freshet.memory", row -> catalog.memory.put(row.getString(1), row.getString(2)));
        catalog.readPoison(session);
        catalog.mirrors.values().forEach(mirror -> catalog.relations.put(relationKey(mirror.table()), mirror.table()));
        catalog.views.keySet().forEach(view -> catalog.relations.put(relationKey(view), view));
        catalog.outputs.keySet().forEach(model -> catalog.relations.put(relationKey(model), model));
        catalog.dirty.clear();
        return catalog;
    }

    /** The epoch of the store behind a connection. */
    public static StateEpoch epoch(Session session) throws SQLException {
        return new StateEpoch(session.rows("SELECT epoch FROM freshet.store", row -> row.getObject(1, UUID.class))
                .get(0));
    }

    /** The cut for which an SQL condition on {@code freshet.cut} holds, {@link Cut#NONE} where there is none. */
    public static Cut cut(Session session, String condition) throws SQLException {
        List<Cut> found = session.rows(
                "SELECT number, clock, positions FROM freshet.cut WHERE " + condition,
                row -> new Cut(row.getLong(1), ShapeText.positions(row.getString(3)), Instant.parse(row.getString(2))));
        return found.isEmpty() ? Cut.NONE : found.get(0);
    }

    /** The outputs as a connection sees them. */
    public static List<Output> outputs(Session session) throws SQLException {
        return session.rows(
                "SELECT connection, schema_name, name, id, shape, row_count, changed_at, log_from, held, held_at FROM freshet.model",
                row -> new Output(
                        row.getLong(4),
                        table(row),
                        ShapeText.schema(row.getString(5)),
                        row.getLong(6),
                        row.getLong(7),
                        row.getLong(8),
                        row.getString(9),
                        row.getLong(10)));
    }

    private static TableId table(ResultSet row) throws SQLException {
        return new TableId(row.getString(1), row.getString(2), row.getString(3));
    }

    /** A copy to work on in a transaction; {@link #flush} writes what was changed in it. */
    public Catalog copy() {
        Catalog copy = new Catalog();
        copy.mirrors.putAll(mirrors);
        copy.outputs.putAll(outputs);
        copy.views.putAll(views);
        copy.memory.putAll(memory);
        copy.relations.putAll(relations);
        copy.quarantined.addAll(quarantined);
        copy.poison = poison;
        copy.epoch = epoch;
        copy.cut = cut;
        copy.nextId = nextId;
        return copy;
    }

    /** The epoch of the store that this was read from. */
    public StateEpoch epoch() {
        return epoch;
    }

    /** The last cut that was committed. */
    public Cut cut() {
        return cut;
    }

    /** A transaction was committed with this cut. */
    public void cut(Cut committed) {
        cut = committed;
    }

    /** A number that no mirror and no output has, nor will get. */
    public long newId() {
        return nextId++;
    }

    /** The mirror of a source table, null where there is none. */
    @Nullable
    public Mirror mirror(TableId table) {
        return mirrors.get(table);
    }

    /** The stored output of a model, null where there is none. */
    @Nullable
    public Output output(TableId model) {
        return outputs.get(model);
    }

    /** The columns of a source table or of a model's output. */
    public Optional<TableSchema> schema(TableId table) {
        Mirror mirror = mirrors.get(table);
        return mirror != null
                ? Optional.of(mirror.schema())
                : Optional.ofNullable(outputs.get(table)).map(Output::schema);
    }

    /** All stored outputs, by model. */
    public SortedMap<TableId, Output> outputs() {
        return outputs;
    }

    /** The query of a model that is a view in the store, null where it is none. */
    @Nullable
    public String view(TableId model) {
        return views.get(model);
    }

    /** A mirror is new or changed. */
    public boolean put(Mirror mirror) {
        mirrors.put(mirror.table(), mirror);
        nextId = Math.max(nextId, mirror.id() + 1);
        return dirty.add(mirror.table());
    }

    /** An output is new or changed. */
    public boolean put(Output output) {
        outputs.put(output.model(), output);
        nextId = Math.max(nextId, output.id() + 1);
        return dirty.add(output.model());
    }

    /** A model is a view in the store from now on. */
    public void putView(TableId model, String query) {
        views.put(model, query);
        dirty.add(model);
    }

    /** Notes that this transaction appended rows to a model's delta log. */
    public void logged(Output output, long rows) {
        logged.merge(output.id(), rows, Long::sum);
    }

    /** The rows that this transaction appended to delta logs, by output id. */
    public Map<Long, Long> logged() {
        return logged;
    }

    /** Forgets what a name stood for. */
    public void remove(TableId model) {
        outputs.remove(model);
        views.remove(model);
        relations.remove(relationKey(model));
        dirty.add(model);
    }

    /** @param value empty to forget what was remembered */
    public void remember(String key, String value) {
        if (value.isEmpty()) {
            memory.remove(key);
        } else {
            memory.put(key, value);
        }
        dirtyMemory.add(key);
    }

    /** What was remembered under a key, empty for nothing. */
    public String recall(String key) {
        return memory.getOrDefault(key, "");
    }

    /** The rows that are left out at this catalog's cut. */
    public List<PoisonRows> poisonRows() {
        return poison;
    }

    /** At the end of a transaction, when no more rows come or go. */
    public void countPoison(Session session) throws SQLException {
        if (!quarantined.isEmpty()) {
            readPoison(session);
        }
    }

    private void readPoison(Session session) throws SQLException {
        poison = List.copyOf(session.rows(
                "SELECT connection, schema_name, name, sum(copies)::BIGINT, min(reason) FROM freshet.quarantine"
                        + " GROUP BY ALL ORDER BY ALL",
                row -> new PoisonRows(table(row), row.getLong(4), row.getString(5))));
        quarantined.clear();
        poison.forEach(rows -> quarantined.add(rows.table()));
    }

    /** Whether rows of a source table are left out, since they can't be read. */
    public boolean isQuarantined(TableId table) {
        return quarantined.contains(table);
    }

    /** Rows of a source table are left out from now on. */
    public void quarantined(TableId table) {
        quarantined.add(table);
    }

    /**
     * Takes the SQL name of a table for it.
     *
     * @return whether the name was free before
     */
    public boolean claim(TableId table) {
        TableId holder = relations.putIfAbsent(relationKey(table), table);
        if (holder != null && !holder.equals(table)) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + table + "' and '" + holder
                            + "' have the same name in the state store, which does not tell upper case from lower:"
                            + " rename one of them");
        }
        return holder == null;
    }

    /** DuckDB folds the case of identifiers, quoted or not. */
    private static String relationKey(TableId table) {
        return StateNames.relation(table).toLowerCase(Locale.ROOT);
    }

    /** Writes what changed since the copy was made. */
    public void flush(Session session) throws SQLException {
        if (!dirty.isEmpty()) {
            Set<TableId> sources = present(mirrors.keySet());
            Set<TableId> others = new LinkedHashSet<>(dirty);
            others.removeAll(sources);
            replace(
                    session,
                    "source",
                    sources,
                    sources.stream().map(mirrors::get).map(Catalog::values).toList());
            replace(
                    session,
                    "model",
                    others,
                    present(outputs.keySet()).stream()
                            .map(outputs::get)
                            .map(Catalog::values)
                            .toList());
            replace(
                    session,
                    "view",
                    others,
                    present(views.keySet()).stream()
                            .map(view -> values(view) + ", " + literal(views.get(view)))
                            .toList());
            dirty.clear();
        }
        if (!dirtyMemory.isEmpty()) {
            session.execute("DELETE FROM freshet.memory WHERE key IN ("
                    + dirtyMemory.stream().map(SqlText::literal).collect(Collectors.joining(", ")) + ")");
            String kept = dirtyMemory.stream()
                    .filter(memory::containsKey)
                    .map(key -> "(" + literal(key) + ", " + literal(recall(key)) + ")")
                    .collect(Collectors.joining(", "));
            if (!kept.isEmpty()) {
                session.execute("INSERT INTO freshet.memory VALUES " + kept);
            }
            dirtyMemory.clear();
        }
    }

    private Set<TableId> present(Set<TableId> among) {
        return dirty.stream().filter(among::contains).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static void replace(Session session, String table, Set<TableId> ids, List<String> rows)
            throws SQLException {
        if (ids.isEmpty()) {
            return;
        }
        session.execute("DELETE FROM freshet." + table + " WHERE (connection, schema_name, name) IN ("
                + ids.stream().map(id -> "(" + values(id) + ")").collect(Collectors.joining(", ")) + ")");
        if (!rows.isEmpty()) {
            session.execute("INSERT INTO freshet." + table + " VALUES "
                    + rows.stream().map(row -> "(" + row + ")").collect(Collectors.joining(", ")));
        }
    }

    private static String values(TableId table) {
        return literal(table.connection()) + ", " + literal(table.schema()) + ", " + literal(table.name());
    }

    private static String values(Mirror mirror) {
        return values(mirror.table()) + ", " + mirror.id() + ", " + literal(ShapeText.of(mirror.schema())) + ", "
                + mirror.ready();
    }

    private static String values(Output output) {
        return values(output.model()) + ", " + output.id() + ", " + literal(ShapeText.of(output.schema())) + ", "
                + output.rows() + ", " + output.changedAt() + ", " + output.logFrom() + ", " + literal(output.held())
                + ", " + output.heldAt();
    }
}
