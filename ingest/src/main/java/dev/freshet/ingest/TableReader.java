package dev.freshet.ingest;

import dev.freshet.state.TableId;
import dev.freshet.state.TableScan;
import dev.freshet.state.TableSchema;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/** Reads whole tables once, all of them in one snapshot of the database. */
public interface TableReader extends AutoCloseable {

    /** Those of these tables that there are; views are none. */
    Set<TableId> existing(List<TableId> tables);

    /**
     * The shapes of these tables.
     *
     * @throws dev.freshet.state.FreshetException SOURCE naming every table that is missing and every column that can't be mapped
     */
    Map<TableId, TableSchema> describe(List<TableId> tables, Map<TableId, Map<String, String>> declaredTypes);

    /** Hands every row of a described table to the consumer, on the caller's thread. */
    void read(TableId table, Consumer<LoadStep.LoadedRow> rows);

    /**
     * Copies what is needed of a described table into a file that {@link dev.freshet.state.StateTransaction#fill} reads.
     *
     * @param scan its conditions are a help: rows that do not fulfil them may be copied too
     * @return how many rows; empty, and no file, when the table holds types whose texts are not read alike: {@link #read} takes it
     */
    default OptionalLong copy(TableScan scan, Path file) {
        return OptionalLong.empty();
    }

    @Override
    void close();
}
