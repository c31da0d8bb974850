package dev.freshet.ingest.postgres.debezium;

import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.connector.postgresql.PostgresType;
import io.debezium.connector.postgresql.TypeRegistry;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import io.debezium.relational.Column;
import io.debezium.relational.TableId;
import io.debezium.relational.Tables;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Debezium's task with three decisions of the decoder taken for it, so that nothing is lost between the log and us:
 *
 * <ul>
 *   <li>Every column counts as text, so a value arrives as the text that PostgreSQL sent: exactly what COPY shows. Debezium's own types lose
 *       some (infinite and ancient dates, 24:00:00, long intervals, NaN in decimals, array elements).
 *   <li>Every column counts as nullable and without a default: the catalog says what is true now, the log is older, and Debezium would put
 *       a fallback in place of a NULL.
 *   <li>The key is the one Freshet has chosen: the table's replica identity.
 * </ul>
 */
final class TextTask extends PostgresConnectorTask {

    private final Map<String, List<String>> keys;

    /** @param keys by {@link #id}, the columns that identify a row */
    TextTask(Map<String, List<String>> keys) {
        this.keys = Map.copyOf(keys);
    }

    static String id(String schema, String table) {
        return schema + '\u0000' + table;
    }

    @Override
    protected ReplicationConnection buildReplicationConnection(
            PostgresConnection connection, PostgresSchema schema, PostgresConnectorConfig config) {
        return ReplicationConnection.builder(config)
                .withSlot(config.slotName())
                .withPublication(config.publicationName())
                .withTableFilter(config.getTableFilters())
                .withPublicationAutocreateMode(PostgresConnectorConfig.AutoCreateMode.DISABLED)
                .withPlugin(config.plugin())
                .dropSlotOnClose(false)
                .statusUpdateInterval(ConnectorProperties.STATUS_INTERVAL)
                .withTypeRegistry(new TextTypes(connection))
                .withSchema(schema)
                .jdbcMetadataConnection(new PlainMetadata(config, connection.getTypeRegistry(), keys))
                .build();
    }

    private static final class TextTypes extends TypeRegistry {

        TextTypes(PostgresConnection connection) {
            super(connection);
        }

        @Override
        public PostgresType get(int oid) {
            return super.get("text");
        }

        @Override
        public PostgresType get(String name) {
            return super.get("text");
        }
    }

    private static final class PlainMetadata extends PostgresConnection {

        private final Map<String, List<String>> keys;

        PlainMetadata(PostgresConnectorConfig config, TypeRegistry types, Map<String, List<String>> keys) {
            super(config, types, "Freshet Metadata");
            this.keys = keys;
        }

        @Override
        public List<Column> getTableColumnsForDecoder(TableId table, Tables.ColumnNameFilter filter)
                throws SQLException {
            return super.getTableColumnsForDecoder(table, filter).stream()
                    .map(column -> column.edit()
                            .optional(true)
                            .unsetDefaultValueExpression()
                            .create())
                    .toList();
        }

        @Override
        public List<String> readPrimaryKeyNames(DatabaseMetaData metadata, TableId table) {
            // The decoder removes names from the list.
            return new ArrayList<>(keys.getOrDefault(id(table.schema(), table.table()), List.of()));
        }

        @Override
        public List<String> readTableUniqueIndices(DatabaseMetaData metadata, TableId table) {
            return new ArrayList<>();
        }
    }
}
