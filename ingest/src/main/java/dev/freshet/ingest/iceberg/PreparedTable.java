package dev.freshet.ingest.iceberg;

import dev.freshet.ingest.CapturedChange;
import dev.freshet.ingest.LoadStep;
import dev.freshet.ingest.LoadStep.LoadedRow;
import dev.freshet.ingest.TableChanges;
import dev.freshet.state.Column;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;

/**
 * One table's part of a batch, written to files that wait for their commit.
 *
 * @param schema the schema the rows have, empty when the batch brings none
 * @param load the table's load once the batch is committed
 */
record PreparedTable(
        ChangeTable table,
        Optional<TableSchema> schema,
        List<DataFile> changes,
        List<DataFile> base,
        LoadState load,
        long rows) {

    PreparedTable {
        changes = List.copyOf(changes);
        base = List.copyOf(base);
    }

    boolean isTouched() {
        return rows > 0 || !load.equals(table.head().load());
    }

    List<DataFile> files() {
        List<DataFile> files = new ArrayList<>(changes);
        files.addAll(base);
        return files;
    }

    /**
     * Writes the files. Changes that the table holds already, and load steps that it has taken already, are left out: replaying a batch
     * changes nothing.
     *
     * @param sourceStandsAt the complete position before the batch
     */
    static PreparedTable write(
            ChangeTable table, Optional<TableChanges> changes, List<LoadStep> steps, SourcePosition sourceStandsAt) {
        List<RollingFiles> open = new ArrayList<>();
        try {
            return new Writing(table, open, sourceStandsAt).write(changes, steps);
        } catch (RuntimeException e) {
            open.forEach(RollingFiles::discard);
            if (!(e instanceof FreshetException) && Failures.isWriteFailure(e)) {
                throw Failures.writeFailed(table.location(), e);
            }
            throw e;
        }
    }

    private static final class Writing {

        private final ChangeTable table;
        private final TableId id;
        private final List<RollingFiles> open;
        private final SourcePosition sourceStandsAt;
        private final List<DataFile> base = new ArrayList<>();
        private Optional<TableSchema> schema = Optional.empty();
        private LoadState load;
        private long rows;

        Writing(ChangeTable table, List<RollingFiles> open, SourcePosition sourceStandsAt) {
            this.table = table;
            this.id = table.id();
            this.open = open;
            this.sourceStandsAt = sourceStandsAt;
            this.load = table.head().load();
        }

        PreparedTable write(Optional<TableChanges> changes, List<LoadStep> steps) {
            changes.ifPresent(some -> widen(some.schema()));
            for (LoadStep step : steps) {
                if (step instanceof LoadStep.Chunk chunk) {
                    widen(chunk.schema());
                } else if (step instanceof LoadStep.Begin begin) {
                    widen(begin.schema());
                }
            }
            List<DataFile> changed = changes.map(this::changes).orElse(List.of());
            for (LoadStep step : steps) {
                take(step);
            }
            return new PreparedTable(table, schema, changed, base, load, rows);
        }

        private List<DataFile> changes(TableChanges changes) {
            Schema staged = table.schemaFor(target());
            StagedRows converter = new StagedRows(id, changes.schema(), staged);
            RollingFiles files = files(staged, "changes");
            long reached = table.head().reached().ordinal();
            changes.changes().forEach(change -> write(change, reached, converter, files));
            rows += files.rows();
            return files.close();
        }

        private static void write(CapturedChange change, long reached, StagedRows converter, RollingFiles files) {
            if (Long.compareUnsigned(change.position(), reached) > 0) {
                converter.change(change, files::write);
            }
        }

        private void take(LoadStep step) {
            if (step instanceof LoadStep.Begin begin) {
                if (load.phase() == LoadState.Phase.NONE || begin.load() > load.number()) {
                    load = LoadState.begin(begin.load(), begin.start());
                }
            } else if (step.load() < load.number() || load.phase() == LoadState.Phase.READ) {
                return;
            } else if (step.load() > load.number() || load.phase() != LoadState.Phase.READING) {
                throw outOfOrder(step);
            } else if (step instanceof LoadStep.Chunk chunk) {
                if (chunk.number() > load.chunks()) {
                    throw outOfOrder(step);
                }
                if (chunk.number() == load.chunks()) {
                    base.addAll(chunk(chunk));
                    load = load.afterChunk(chunk.lastKey());
                }
            } else if (step instanceof LoadStep.Complete complete) {
                load = load.complete(complete.end(), sourceStandsAt, complete.snapshot());
            }
        }

        private List<DataFile> chunk(LoadStep.Chunk chunk) {
            Schema staged = table.schemaFor(target());
            StagedRows converter = new StagedRows(id, chunk.schema(), staged);
            RollingFiles files = files(staged, "base-" + chunk.load());
            Iterator<LoadedRow> loaded = chunk.rows();
            long sequence = 0;
            while (loaded.hasNext()) {
                @Nullable
                Object[] row = converter.loaded(
                        loaded.next(), chunk.load(), load.start().ordinal(), sequence++);
                files.write(row);
            }
            rows += files.rows();
            return files.close();
        }

        /**
         * One schema serves the whole commit. The stream's comes first, as it is newer than what a load has read; a column that only the load
         * knows goes again with the next commit.
         */
        private void widen(TableSchema other) {
            if (schema.isEmpty()) {
                schema = Optional.of(other);
                return;
            }
            TableSchema first = schema.get();
            List<Column> columns = new ArrayList<>(first.columns());
            for (Column column : other.columns()) {
                int at = first.indexOf(column.name());
                if (at < 0) {
                    columns.add(column);
                } else if (!first.columns().get(at).equals(column)) {
                    throw new FreshetException(
                            ErrorKind.SOURCE,
                            "column \"" + column.name() + "\" of '" + id + "' changed its type while the table was"
                                    + " being loaded: load it again with 'freshet resync'");
                }
            }
            schema = Optional.of(new TableSchema(columns, first.key()));
        }

        private TableSchema target() {
            return schema.orElseThrow();
        }

        private RollingFiles files(Schema staged, String prefix) {
            RollingFiles files = new RollingFiles(table, staged, prefix);
            open.add(files);
            return files;
        }

        private FreshetException outOfOrder(LoadStep step) {
            return new FreshetException(
                    ErrorKind.INTERNAL,
                    "a step of load " + step.load() + " of '" + id + "' came out of order: staging holds load "
                            + load.number() + " with " + load.chunks() + " chunks: "
                            + step.getClass().getSimpleName());
        }
    }
}
