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

/**
 * Debezium's task with three decisions of the decoder taken for it, so that nothing is lost between the log and us:
 *
 * <ul>
 *   <li>Every column counts as text, so a value arrives as the text that PostgreSQL sent: exactly what COPY shows. Debezium's own types lose
 *       some (infinite and ancient dates, 24:00:00, long intervals, NaN in decimals, array elements).
 *   <li>Every column counts as nullable and without a default: the catalog says what is true now, the log is older, and Debezium would put
 *       a fallback in place of a NULL.
 *   <li>No table has a key. Debezium would print every event's key for its metrics, a quarter of its work; what a key is, and when a row gets
 *       another one, {@link DebeziumLog} knows.
 * </ul>
 */
final class TextTask extends PostgresConnectorTask {

    /** A name that no column has. Without any, the decoder would complain and look for unique indexes. */
    private static final String NO_COLUMN = "";

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
                .jdbcMetadataConnection(new PlainMetadata(config, connection.getTypeRegistry()))
                .build();
    }

    private static final class TextTypes extends TypeRegistry {

        private final PostgresType text;

        TextTypes(PostgresConnection connection) {
            super(connection);
            this.text = super.get("text");
        }

        @Override
        public PostgresType get(int oid) {
            return text;
        }

        @Override
        public PostgresType get(String name) {
            return text;
        }
    }

    private static final class PlainMetadata extends PostgresConnection {

        PlainMetadata(PostgresConnectorConfig config, TypeRegistry types) {
            super(config, types, "Freshet Metadata");
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
            return new ArrayList<>(List.of(NO_COLUMN));
        }
    }
}
