package dev.freshet.publisher.duckdb;

import dev.freshet.publisher.MemoryStateStore;
import dev.freshet.publisher.PublishedModel;
import dev.freshet.publisher.Receipt;
import dev.freshet.publisher.Target;
import dev.freshet.state.Column;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.Ownership;
import dev.freshet.state.PipelineId;
import dev.freshet.state.Row;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A keyed table and a bag that change together, the same in every process. */
final class FaultScene {

    static final TableId KEYED = new TableId("warehouse", "main", "keyed");
    static final TableId BAG = new TableId("warehouse", "main", "bag");
    static final Ownership OWNER = new Ownership(new PipelineId("shop", "prod"), 1, new UUID(0, 1));

    private static final TableSchema KEYED_SCHEMA =
            new TableSchema(List.of(new Column("a", Simple.BIGINT), new Column("b", Simple.VARCHAR)), List.of("a"));
    private static final TableSchema BAG_SCHEMA = new TableSchema(KEYED_SCHEMA.columns(), List.of());

    private MemoryStateStore store = new MemoryStateStore(50);

    /** Rows go, change and come. */
    void cut(int number) {
        List<Row> rows = new ArrayList<>();
        for (long i = number; i < number + 20L; i++) {
            rows.add(Row.of(i, "cut " + number));
        }
        List<Row> bag = new ArrayList<>(rows);
        bag.addAll(rows.subList(0, 5));
        store.cycle().put(KEYED, KEYED_SCHEMA, rows).put(BAG, BAG_SCHEMA, bag).commit();
    }

    /** As after a loss of the state store. */
    void forget() {
        store = new MemoryStateStore(50);
    }

    Receipt publish(Target target) {
        try (StateSnapshot snapshot = store.read()) {
            return target.publish(snapshot, models());
        }
    }

    static List<PublishedModel> models() {
        return List.of(new PublishedModel(KEYED, List.of("a")), new PublishedModel(BAG, List.of()));
    }

    Map<TableId, Map<Row, Long>> contents() {
        return Map.of(KEYED, store.rows(KEYED), BAG, store.rows(BAG));
    }

    static Map<TableId, Map<Row, Long>> contents(DuckDbFile file) {
        return Map.of(KEYED, contents(file, KEYED), BAG, contents(file, BAG));
    }

    private static Map<Row, Long> contents(DuckDbFile file, TableId table) {
        return file.exists(table) ? file.contents(table) : Map.of();
    }
}
