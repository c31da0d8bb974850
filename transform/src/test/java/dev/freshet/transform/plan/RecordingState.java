package dev.freshet.transform.plan;

import dev.freshet.state.Accumulation;
import dev.freshet.state.Column;
import dev.freshet.state.Cut;
import dev.freshet.state.DataType;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.ModelFailedException;
import dev.freshet.state.RowCursor;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBase;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StagedVersions;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A state store in memory that computes no SQL: a recomputed model changes by one row unless it is listed as unchanged or failing. What it
 * remembers follows commits and rollbacks as the real one's does, and every call is written down.
 */
final class RecordingState {

    static final TableSchema SCHEMA = new TableSchema(List.of(new Column("id", DataType.Simple.BIGINT)), List.of());

    final Set<TableId> ready = new HashSet<>();
    final Set<TableId> unchanged = new HashSet<>();
    final Set<TableId> failing = new HashSet<>();
    private Map<String, String> committed = new HashMap<>();

    Transaction begin() {
        return new Transaction();
    }

    static TableDelta delta(TableId table) {
        return new TableDelta(table, SCHEMA, 0, 1, false);
    }

    final class Transaction implements StateTransaction {

        final List<String> calls = new ArrayList<>();
        private final Map<String, String> remembered = new HashMap<>(committed);

        @Override
        public List<TableDelta> reconcile(StagedBatch batch) {
            throw new FreshetException(ErrorKind.INTERNAL, "a maintainer never reconciles");
        }

        @Override
        public boolean isReady(TableId source) {
            return ready.contains(source);
        }

        @Override
        public void defineView(TableId model, String sql) {
            calls.add("view " + model.name());
        }

        @Override
        public TableDelta recompute(TableId model, String sql, List<String> uniqueKey) {
            calls.add("recompute " + model.name());
            if (failing.contains(model)) {
                throw new ModelFailedException(model, "division by zero", null);
            }
            return new TableDelta(model, SCHEMA, 0, unchanged.contains(model) ? 0 : 1, false);
        }

        @Override
        public TableDelta accumulate(TableId model, Accumulation accumulation) {
            calls.add("accumulate " + model.name());
            return new TableDelta(model, SCHEMA, 0, unchanged.contains(model) ? 0 : 1, false);
        }

        @Override
        public TableDelta adopt(TableId model, TableSchema schema, StagedBase rows) {
            calls.add("adopt " + model.name());
            return new TableDelta(model, schema, 0, 1, true);
        }

        @Override
        public void drop(TableId model) {
            calls.add("drop " + model.name());
        }

        @Override
        public void hold(TableId model, String reason) {
            calls.add("hold " + model.name() + ": " + reason);
        }

        @Override
        public StagedVersions stageVersions(TableId source) {
            return new StagedVersions(0, false, SourcePosition.START);
        }

        @Override
        public StagedVersions stageVersions(TableId source, StagedBatch staged, SourcePosition since) {
            return stageVersions(source);
        }

        @Override
        public RowCursor query(String sql) {
            throw new FreshetException(ErrorKind.INTERNAL, "a maintainer never asks");
        }

        @Override
        public void remember(String key, String value) {
            calls.add("remember");
            remembered.put(key, value);
        }

        @Override
        public String recall(String key) {
            return remembered.getOrDefault(key, "");
        }

        @Override
        public Cut commit(Map<String, SourcePosition> positions, Instant clock) {
            committed = remembered;
            return Cut.NONE;
        }

        @Override
        public void close() {}
    }
}
