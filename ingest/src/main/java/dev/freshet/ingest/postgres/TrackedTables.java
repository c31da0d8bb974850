package dev.freshet.ingest.postgres;

import dev.freshet.ingest.postgres.debezium.Relation;
import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The captured tables. A table that the log describes anew is looked up in the catalog, because that is all a DDL statement leaves behind. */
final class TrackedTables {

    private final Database database;
    private final TableCatalog catalog;
    private final SourceState state;
    private final Map<TableId, TrackedTable> tables;
    private final Map<Relation, TrackedTable> byRelation = new IdentityHashMap<>();
    private final Queue<TableId> stale = new ConcurrentLinkedQueue<>();

    TrackedTables(Database database, TableCatalog catalog, SourceState state, Map<TableId, TrackedTable> tables) {
        this.database = database;
        this.catalog = catalog;
        this.state = state;
        this.tables = Map.copyOf(tables);
    }

    Map<TableId, TableSchema> schemas() {
        return tables.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, entry -> entry.getValue().shape().schema()));
    }

    TrackedTable get(TableId table) {
        TrackedTable tracked = tables.get(table);
        if (tracked == null) {
            throw new IllegalArgumentException(table + " is not captured");
        }
        return tracked;
    }

    @Nullable
    TrackedTable find(Relation relation) {
        return byRelation.get(relation);
    }

    /** The table that a new description is of, empty if it is none of ours. */
    Optional<TrackedTable> meet(Relation relation) {
        TrackedTable tracked = tables.get(new TableId(database.output(), relation.schema(), relation.table()));
        if (tracked == null) {
            return Optional.empty();
        }
        byRelation.values().removeIf(known -> known == tracked);
        byRelation.put(relation, tracked);
        return Optional.of(tracked);
    }

    /** Asks for a {@link #refresh} by the thread that reads the log, which alone changes shapes. */
    void refreshSoon(TableId table) {
        stale.add(table);
    }

    /** A table that {@link #refreshSoon} was asked for, if any. */
    Optional<TrackedTable> stale() {
        return Optional.ofNullable(stale.poll()).map(this::get);
    }

    /**
     * Compares a table with the catalog and takes over what changed.
     *
     * @return whether the rows read so far mean something else now, so that the table should be loaded
     */
    boolean refresh(TrackedTable tracked) {
        CapturedTable before = tracked.shape();
        try (Connection connection = database.connect()) {
            Optional<CapturedTable> changed = before.evolve(
                    catalog.describe(connection, List.of(tracked.id())).get(tracked.id()));
            if (changed.isEmpty()) {
                return false;
            }
            CapturedTable now = changed.get();
            tracked.evolve(now);
            boolean reload = !now.onlyDroppedSince(before);
            state.notice("table \"" + tracked.id().schema() + "." + tracked.id().name() + "\" has changed: "
                    + difference(before, now) + (reload ? ", so it is loaded anew" : ""));
            return reload;
        } catch (FreshetException e) {
            state.notice("a change of table \"" + tracked.id().schema() + "."
                    + tracked.id().name() + "\" can't be followed, its known columns are captured as before: "
                    + e.getMessage());
            return false;
        } catch (SQLException e) {
            throw database.failed("closing a connection", e);
        }
    }

    private static String difference(CapturedTable before, CapturedTable now) {
        StringBuilder text = new StringBuilder();
        for (CapturedColumn column : now.columns()) {
            int index = before.schema().indexOf(column.name());
            String what = index < 0
                    ? "new column"
                    : column.present() && !column.sameAs(before.columns().get(index))
                            ? "new type of column"
                            : !column.present() && before.columns().get(index).present() ? "dropped column" : "";
            if (!what.isEmpty()) {
                text.append(text.isEmpty() ? "" : ", ")
                        .append(what)
                        .append(" \"")
                        .append(column.name())
                        .append('"');
            }
        }
        return text.isEmpty() ? "new key or replica identity" : text.toString();
    }
}
