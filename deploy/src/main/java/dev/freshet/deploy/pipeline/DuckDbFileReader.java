package dev.freshet.deploy.pipeline;

import dev.freshet.ingest.LoadStep;
import dev.freshet.ingest.TableReader;
import dev.freshet.state.Row;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.DuckDbTables;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Reads tables that were delivered to a DuckDB file. */
final class DuckDbFileReader implements TableReader {

    private final Path file;
    private final Optional<DuckDbTables> tables;

    /** A file that is not there holds no tables. */
    DuckDbFileReader(Path file) {
        this.file = file;
        this.tables = DuckDbTables.open(file);
    }

    @Override
    public Set<TableId> existing(List<TableId> wanted) {
        return wanted.stream()
                .filter(table -> tables.isPresent() && tables.get().exists(table))
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public Map<TableId, TableSchema> describe(List<TableId> wanted, Map<TableId, Map<String, String>> declaredTypes) {
        Map<TableId, TableSchema> schemas = new LinkedHashMap<>();
        wanted.forEach(table -> schemas.put(table, open().schema(table)));
        return schemas;
    }

    @Override
    public void read(TableId table, Consumer<LoadStep.LoadedRow> rows) {
        TableSchema schema = open().schema(table);
        int columns = schema.columns().size();
        open().read(table, schema, cursor -> {
            Object[] values = new Object[columns];
            for (int i = 0; i < columns; i++) {
                values[i] = cursor.value(i);
            }
            rows.accept(new LoadStep.LoadedRow(Row.of(values), Optional.empty()));
        });
    }

    private DuckDbTables open() {
        return tables.orElseThrow(() -> new IllegalStateException("'" + file + "' is not there"));
    }

    @Override
    public void close() {
        tables.ifPresent(DuckDbTables::close);
    }
}
