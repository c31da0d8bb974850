package dev.freshet.publisher;

import dev.freshet.state.Cut;
import dev.freshet.state.Row;
import dev.freshet.state.RowCursor;
import dev.freshet.state.RowPart;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StateEpoch;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateStore;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.StoredOutput;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A state store in memory whose models are given, not computed: {@link #commit} says what changes. Its log reaches back a bounded number of
 * cuts. Any thread may read; one writes.
 */
public final class MemoryStateStore implements StateStore {

    private final StateEpoch epoch = new StateEpoch(UUID.randomUUID());
    private final int loggedCuts;
    private volatile State state = new State(Cut.NONE, Map.of());

    private record State(Cut cut, Map<TableId, Output> outputs) {}

    /** @param log the change of each cut, oldest first; a cut at or below {@code forgotten} is not in it */
    private record Output(
            TableSchema schema,
            Bag rows,
            List<Change> log,
            long forgotten,
            long changedAt,
            Cut maintainedAt,
            Optional<String> held) {}

    private record Change(long cut, Map<Row, Long> weights) {}

    public MemoryStateStore(int loggedCuts) {
        this.loggedCuts = loggedCuts;
    }

    private static Cut cutOf(long number) {
        return new Cut(
                number,
                Map.of("shop", new SourcePosition(number * 100, "token " + number)),
                Instant.ofEpochSecond(1_700_000_000L + number));
    }

    /** What one cut brings. */
    public final class Cycle {
        private final Map<TableId, Output> outputs = new TreeMap<>(state.outputs());
        private final Cut cut;

        private Cycle() {
            cut = cutOf(state.cut().number() + 1);
        }

        /** The model's whole contents from this cut on. */
        public Cycle put(TableId model, TableSchema schema, Iterable<Row> rows) {
            Bag counted = Bag.of(rows);
            Output before = outputs.get(model);
            if (before == null || !before.schema().equals(schema)) {
                outputs.put(
                        model,
                        new Output(schema, counted, List.of(), cut.number(), cut.number(), cut, Optional.empty()));
                return this;
            }
            Map<Row, Long> weights = new LinkedHashMap<>();
            before.rows().counts().forEach((row, count) -> weights.merge(row, -count, Long::sum));
            counted.counts().forEach((row, count) -> weights.merge(row, count, Long::sum));
            return change(model, weights);
        }

        /** A model's signed change. */
        public Cycle change(TableId model, Map<Row, Long> weights) {
            Output before = outputs.get(model);
            Map<Row, Long> net = new LinkedHashMap<>(weights);
            net.values().removeIf(weight -> weight == 0);
            if (net.isEmpty()) {
                return this;
            }
            Bag rows = before.rows().plus(net);
            List<Change> log = new ArrayList<>(before.log());
            log.add(new Change(cut.number(), net));
            long forgotten = Math.max(before.forgotten(), cut.number() - loggedCuts);
            log.removeIf(change -> change.cut() <= forgotten);
            outputs.put(model, new Output(before.schema(), rows, log, forgotten, cut.number(), cut, before.held()));
            return this;
        }

        public Cycle hold(TableId model, String reason) {
            Output o = outputs.get(model);
            outputs.put(
                    model,
                    new Output(
                            o.schema(),
                            o.rows(),
                            o.log(),
                            o.forgotten(),
                            o.changedAt(),
                            o.maintainedAt(),
                            Optional.of(reason)));
            return this;
        }

        public Cut commit() {
            Map<TableId, Output> moved = new TreeMap<>();
            outputs.forEach((model, o) -> moved.put(
                    model,
                    o.held().isPresent()
                            ? o
                            : new Output(o.schema(), o.rows(), o.log(), o.forgotten(), o.changedAt(), cut, o.held())));
            state = new State(cut, moved);
            return cut;
        }
    }

    public Cycle cycle() {
        return new Cycle();
    }

    /** The rows of a model with their numbers, for comparing. */
    public Map<Row, Long> rows(TableId model) {
        return state.outputs().get(model).rows().counts();
    }

    @Override
    public StateEpoch epoch() {
        return epoch;
    }

    @Override
    public Cut cut() {
        return state.cut();
    }

    @Override
    public boolean isReady(TableId source) {
        return true;
    }

    @Override
    public StateTransaction begin() {
        throw new UnsupportedOperationException("this store is written through cycle()");
    }

    @Override
    public StateSnapshot read() {
        return new Snapshot(state);
    }

    @Override
    public void prune(long through) {
        // Its log is bounded by the number of cuts alone.
    }

    @Override
    public void checkpoint() {}

    @Override
    public void close() {
        // Nothing to free.
    }

    private final class Snapshot implements StateSnapshot {
        private final State at;

        private Snapshot(State at) {
            this.at = at;
        }

        @Override
        public StateEpoch epoch() {
            return epoch;
        }

        @Override
        public Cut cut() {
            return at.cut();
        }

        @Override
        public List<StoredOutput> outputs() {
            return at.outputs().keySet().stream()
                    .map(model -> output(model).orElseThrow())
                    .toList();
        }

        @Override
        public Optional<StoredOutput> output(TableId model) {
            return Optional.ofNullable(at.outputs().get(model))
                    .map(o -> new StoredOutput(
                            model, o.schema(), o.rows().size(), o.changedAt(), o.maintainedAt(), o.held()));
        }

        @Override
        public Optional<RowCursor> changes(TableId model, long afterCut) {
            return net(model, afterCut).map(net -> {
                Map<Row, Long> ordered = new LinkedHashMap<>();
                net.forEach((row, weight) -> {
                    if (weight < 0) {
                        ordered.put(row, weight);
                    }
                });
                net.forEach(ordered::putIfAbsent);
                return new MapCursor(at.outputs().get(model).schema(), ordered);
            });
        }

        private Optional<Map<Row, Long>> net(TableId model, long afterCut) {
            return net(model, afterCut, at.cut().number());
        }

        private Optional<Map<Row, Long>> net(TableId model, long afterCut, long throughCut) {
            Output output = at.outputs().get(model);
            if (afterCut < output.forgotten() && afterCut != at.cut().number()) {
                return Optional.empty();
            }
            Map<Row, Long> net = new LinkedHashMap<>();
            for (Change change : output.log()) {
                if (change.cut() > afterCut && change.cut() <= throughCut) {
                    change.weights().forEach((row, weight) -> net.merge(row, weight, Long::sum));
                }
            }
            net.values().removeIf(weight -> weight == 0);
            return Optional.of(net);
        }

        @Override
        public Optional<List<Cut>> changedCuts(TableId model, long afterCut) {
            Output output = at.outputs().get(model);
            if (afterCut < output.forgotten()) {
                return Optional.empty();
            }
            return Optional.of(output.log().stream()
                    .filter(change -> change.cut() > afterCut)
                    .map(change -> cutOf(change.cut()))
                    .toList());
        }

        @Override
        public Optional<RowCursor> images(TableId model, long afterCut, long throughCut) {
            return net(model, afterCut, throughCut).map(net -> {
                Output output = at.outputs().get(model);
                Map<Row, Long> later = net(model, throughCut).orElseThrow();
                List<Map.Entry<Row, Long>> images = new ArrayList<>();
                net.forEach((row, weight) -> {
                    long after = output.schema().isKeyed()
                            ? Math.max(weight, 0)
                            : output.rows().count(row) - later.getOrDefault(row, 0L);
                    images.add(Map.entry(row, weight - after));
                    images.add(Map.entry(row, after));
                });
                return ordered(output.schema(), images);
            });
        }

        @Override
        public Optional<RowCursor> imagesAt(TableId model, long cut) {
            return net(model, cut).map(later -> {
                Output output = at.outputs().get(model);
                Map<Row, Long> rows = new LinkedHashMap<>(output.rows().counts());
                later.forEach((row, weight) -> rows.merge(row, -weight, Long::sum));
                return ordered(output.schema(), rows.entrySet());
            });
        }

        private static RowCursor ordered(TableSchema schema, Collection<Map.Entry<Row, Long>> images) {
            List<Map.Entry<Row, Long>> sorted = new ArrayList<>(images);
            sorted.removeIf(image -> image.getValue() == 0);
            sorted.sort(Comparator.comparing((Map.Entry<Row, Long> image) -> key(schema, image.getKey()))
                    .thenComparing(Map.Entry::getValue));
            return new MapCursor(schema, sorted);
        }

        private static String key(TableSchema schema, Row row) {
            List<@Nullable Object> key = new ArrayList<>();
            for (int i = 0; i < row.size(); i++) {
                if (!schema.isKeyed()
                        || schema.key().contains(schema.columns().get(i).name())) {
                    key.add(row.value(i));
                }
            }
            return key.toString();
        }

        /** Weight 1 each, as the contract says. */
        @Override
        public RowCursor contents(TableId model) {
            Output output = at.outputs().get(model);
            return new CopiesCursor(output.schema(), output.rows().counts());
        }

        @Override
        public RowCursor contents(TableId model, RowPart part) {
            Output output = at.outputs().get(model);
            Map<Row, Long> chosen = new LinkedHashMap<>();
            output.rows().counts().forEach((row, copies) -> {
                if (isOf(part, column -> row.value(output.schema().indexOf(column)))) {
                    chosen.put(row, copies);
                }
            });
            return new CopiesCursor(output.schema(), chosen);
        }

        private static boolean isOf(RowPart part, Function<String, @Nullable Object> row) {
            if (part instanceof RowPart.Values chosen) {
                List<String> values = chosen.columns().stream()
                        .map(row)
                        .filter(Objects::nonNull)
                        .map(Object::toString)
                        .toList();
                return chosen.values().contains(values);
            }
            RowPart.Period period = (RowPart.Period) part;
            Object value = row.apply(period.column());
            return value instanceof Long micros && micros >= micros(period.from()) && micros < micros(period.to());
        }

        private static long micros(Instant time) {
            return ChronoUnit.MICROS.between(Instant.EPOCH, time);
        }

        @Override
        public String recall(String key) {
            return "";
        }

        @Override
        public void clock(Instant now, ZoneId zone) {}

        @Override
        public String syntaxTree(String sql) {
            throw new UnsupportedOperationException("this store runs no SQL");
        }

        @Override
        public RowCursor query(String sql) {
            throw new UnsupportedOperationException("this store runs no SQL");
        }

        @Override
        public void close() {
            // Nothing to free.
        }
    }

    private static class MapCursor implements RowCursor {
        private final TableSchema schema;
        private final Iterator<Map.Entry<Row, Long>> rows;
        private Map.@Nullable Entry<Row, Long> current;

        MapCursor(TableSchema schema, Map<Row, Long> rows) {
            this(schema, rows.entrySet());
        }

        MapCursor(TableSchema schema, Collection<Map.Entry<Row, Long>> rows) {
            this.schema = schema;
            this.rows = rows.iterator();
        }

        @Override
        public TableSchema schema() {
            return schema;
        }

        @Override
        public boolean next() {
            boolean more = rows.hasNext();
            current = more ? rows.next() : null;
            return more;
        }

        @Override
        public @Nullable Object value(int column) {
            return current().getKey().value(column);
        }

        @Override
        public long weight() {
            return current().getValue();
        }

        private Map.Entry<Row, Long> current() {
            if (current == null) {
                throw new IllegalStateException("there is no current row");
            }
            return current;
        }

        @Override
        public void close() {
            // Nothing to free.
        }
    }

    private static final class CopiesCursor extends MapCursor {
        private long left;

        CopiesCursor(TableSchema schema, Map<Row, Long> rows) {
            super(schema, rows);
        }

        @Override
        public boolean next() {
            if (left > 1) {
                left--;
                return true;
            }
            boolean more = super.next();
            left = more ? super.weight() : 0;
            return more;
        }

        @Override
        public long weight() {
            return 1;
        }
    }
}
