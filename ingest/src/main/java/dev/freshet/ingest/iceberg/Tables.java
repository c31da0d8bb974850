package dev.freshet.ingest.iceberg;

import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.types.Types;

/** The staging tables of one pipeline, by their names in the catalog. */
final class Tables {

    private final Catalog catalog;
    private final Namespace namespace;
    private final Owner owner;
    private final ExecutorService pool;
    private final Map<String, ChangeTable> known = new ConcurrentHashMap<>();

    Tables(Catalog catalog, Namespace namespace, Owner owner, ExecutorService pool) {
        this.catalog = catalog;
        this.namespace = namespace;
        this.owner = owner;
        this.pool = pool;
    }

    /** Loads every table there is and puts the owner's epoch on it. */
    void fence(Parallel parallel) {
        List<Runnable> marks = new ArrayList<>();
        for (TableIdentifier identifier : catalog.listTables(namespace)) {
            if (!identifier.name().equals(TableNames.OWNER)) {
                marks.add(() -> {
                    ChangeTable table = new ChangeTable(catalog.loadTable(identifier), identifier.name(), owner, pool);
                    table.mark();
                    known.put(identifier.name(), table);
                });
            }
        }
        parallel.run(marks);
    }

    /** The change tables of a source. */
    List<ChangeTable> changesOf(String source) {
        return known.values().stream()
                .filter(table -> table.holdsChanges() && table.source().equals(source))
                .toList();
    }

    List<ChangeTable> all() {
        return List.copyOf(known.values());
    }

    Optional<ChangeTable> changes(TableId id) {
        return Optional.ofNullable(known.get(TableNames.changes(id)));
    }

    Optional<ChangeTable> positions(String source) {
        return Optional.ofNullable(known.get(TableNames.positions(source)));
    }

    ChangeTable createChanges(TableId id, TableSchema schema) {
        Map<String, String> properties = new HashMap<>(TableNames.commitProperties());
        properties.put(TableNames.KIND, TableNames.CHANGES);
        properties.put(TableNames.SOURCE, id.connection());
        properties.put(TableNames.SCHEMA, id.schema());
        properties.put(TableNames.NAME, id.name());
        properties.put(TableShape.PROPERTY, TableShape.json(schema));
        return create(TableNames.changes(id), TableShape.create(id, schema), properties);
    }

    ChangeTable createPositions(String source) {
        Map<String, String> properties = new HashMap<>(TableNames.commitProperties());
        properties.put(TableNames.KIND, TableNames.POSITIONS);
        properties.put(TableNames.SOURCE, source);
        Schema schema = new Schema(Types.NestedField.optional(1, "position", Types.LongType.get()));
        return create(TableNames.positions(source), schema, properties);
    }

    private ChangeTable create(String name, Schema schema, Map<String, String> properties) {
        ChangeTable table = new ChangeTable(open(name, schema, properties), name, owner, pool);
        // A new owner marks the tables that it finds after it has raised the epoch. If it came before this table was
        // there, this check
        // sees it; if it comes later, it finds the table.
        owner.check();
        table.mark();
        known.put(name, table);
        return table;
    }

    private Table open(String name, Schema schema, Map<String, String> properties) {
        TableIdentifier identifier = TableIdentifier.of(namespace, name);
        try {
            return catalog.buildTable(identifier, schema)
                    .withProperties(properties)
                    .create();
        } catch (AlreadyExistsException exists) {
            return catalog.loadTable(identifier);
        } catch (RuntimeException e) {
            if (Failures.isWriteFailure(e)) {
                throw Failures.writeFailed(namespace + "." + name, e);
            }
            // The answer may have been lost: if the table is there, it is ours as well as anyone's.
            try {
                return catalog.loadTable(identifier);
            } catch (NoSuchTableException missing) {
                throw e;
            }
        }
    }

    /** A view of a table that no commit of this process disturbs. */
    Table reopen(ChangeTable table) {
        return catalog.loadTable(TableIdentifier.of(namespace, table.name()));
    }
}
