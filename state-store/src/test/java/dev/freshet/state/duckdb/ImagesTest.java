package dev.freshet.state.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.Cut;
import dev.freshet.state.RowCursor;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateStore;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes as images: whatever two cuts are asked for, the images between them turn the rows of one into those of the other. */
class ImagesTest {

    private static final TableId KEYED = new TableId("dw", "m", "keyed");
    private static final TableId BAG = new TableId("dw", "m", "bag");
    private static final int CUTS = 25;

    @TempDir
    private Path directory = Path.of("");

    /** A row's text and its number of copies. */
    private record Image(String row, long weight) {}

    @Test
    void imagesLeadFromAnyCutToAnyLaterOne() {
        long seed = Long.getLong("freshet.seed", System.nanoTime());
        System.out.println("ImagesTest seed " + seed);
        Random random = new Random(seed);
        List<Map<TableId, Map<String, Long>>> history = new ArrayList<>();
        history.add(Map.of());
        try (StateStore store = DuckDbStateStore.open(StoreFixture.config(directory))) {
            for (int cut = 1; cut <= CUTS; cut++) {
                try (StateTransaction transaction = store.begin()) {
                    Map<TableId, Map<String, Long>> rows = new HashMap<>(history.get(cut - 1));
                    if (cut == 1 || random.nextInt(3) > 0) {
                        rows.put(KEYED, recompute(transaction, KEYED, random, List.of("k")));
                    }
                    if (cut == 1 || random.nextInt(3) > 0) {
                        rows.put(BAG, recompute(transaction, BAG, random, List.of()));
                    }
                    transaction.commit(Map.of(), Instant.EPOCH);
                    history.add(rows);
                }
            }
            try (StateSnapshot snapshot = store.read()) {
                for (TableId model : List.of(KEYED, BAG)) {
                    for (int cut = 1; cut <= CUTS; cut++) {
                        assertThat(counted(snapshot.imagesAt(model, cut)))
                                .as("seed %s %s at %s", seed, model, cut)
                                .isEqualTo(history.get(cut).get(model));
                        assertThat(changed(snapshot, model, cut)).isEqualTo(changed(history, model, cut));
                        for (int through = cut; through <= CUTS; through++) {
                            apply(snapshot, model, cut, through, history);
                        }
                    }
                    assertThat(snapshot.imagesAt(model, CUTS + 1)).isEmpty();
                    assertThat(snapshot.images(model, 0, 5)).isEmpty();
                }
            }
        }
    }

    private static Map<String, Long> recompute(
            StateTransaction transaction, TableId model, Random random, List<String> key) {
        Map<String, Long> rows = new TreeMap<>();
        StringBuilder sql =
                new StringBuilder("select * from (values (0, null::varchar, interval '0 day')) v(k, t, i) where false");
        for (int k = 0; k < 8; k++) {
            int copies = key.isEmpty() ? random.nextInt(4) : random.nextInt(2);
            String text = random.nextBoolean() ? "NULL" : "'t" + random.nextInt(2) + "'";
            String interval = random.nextBoolean() ? "interval '30 day'" : "interval '1 month'";
            for (int copy = 0; copy < copies; copy++) {
                sql.append(" union all select ")
                        .append(k == 0 ? "NULL" : k / (key.isEmpty() ? 3 : 1))
                        .append(", ")
                        .append(text)
                        .append(", ")
                        .append(interval);
                String days = interval.contains("day") ? "months=0, days=30" : "months=1, days=0";
                rows.merge(
                        (k == 0 ? "null" : "" + k / (key.isEmpty() ? 3 : 1)) + "|"
                                + text.replace("'", "").replace("NULL", "null") + "|IntervalValue[" + days
                                + ", micros=0]",
                        1L,
                        Long::sum);
            }
        }
        transaction.recompute(model, sql.toString(), key);
        return rows;
    }

    private static void apply(
            StateSnapshot snapshot,
            TableId model,
            int after,
            int through,
            List<Map<TableId, Map<String, Long>>> history) {
        Map<String, Long> rows = new HashMap<>(history.get(after).get(model));
        List<Image> images = read(snapshot.images(model, after, through).orElseThrow());
        String left = "";
        for (Image image : images) {
            if (image.weight() < 0) {
                assertThat(rows.remove(image.row())).isEqualTo(-image.weight());
                left = image.row();
            } else {
                boolean updates = key(model, left).equals(key(model, image.row()));
                assertThat(rows.put(image.row(), image.weight())).isNull();
                if (!updates) {
                    assertThat(rows.keySet().stream()
                                    .filter(row -> key(model, row).equals(key(model, image.row()))))
                            .as("an update's images stand together")
                            .hasSize(1);
                }
            }
        }
        assertThat(rows)
                .as("%s from %s through %s", model, after, through)
                .isEqualTo(history.get(through).get(model));
    }

    private static String key(TableId model, String row) {
        return model.equals(KEYED) && !row.isEmpty() ? row.substring(0, row.indexOf('|')) : row;
    }

    private static List<Long> changed(StateSnapshot snapshot, TableId model, int after) {
        return snapshot.changedCuts(model, after).orElseThrow().stream()
                .map(Cut::number)
                .toList();
    }

    private static List<Long> changed(List<Map<TableId, Map<String, Long>>> history, TableId model, int after) {
        List<Long> cuts = new ArrayList<>();
        for (int cut = after + 1; cut <= CUTS; cut++) {
            if (!history.get(cut).get(model).equals(history.get(cut - 1).get(model))) {
                cuts.add((long) cut);
            }
        }
        return cuts;
    }

    private static Map<String, Long> counted(Optional<RowCursor> rows) {
        Map<String, Long> counted = new HashMap<>();
        read(rows.orElseThrow()).forEach(image -> assertThat(counted.put(image.row(), image.weight()))
                .isNull());
        return counted;
    }

    private static List<Image> read(RowCursor cursor) {
        List<Image> images = new ArrayList<>();
        try (cursor) {
            while (cursor.next()) {
                images.add(new Image(cursor.value(0) + "|" + cursor.value(1) + "|" + cursor.value(2), cursor.weight()));
            }
        }
        return images;
    }
}
