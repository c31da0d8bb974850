package dev.freshet.deploy.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a late reader of a topic holds, for the oracle: it reads the topic from its beginning and applies it, knowing nothing of how it was written. */
final class TopicTable implements DeliveredTable {

    private static final JsonMapper JSON = new JsonMapper();

    private final String bootstrapServers;
    private final String topic;
    private final List<PostgresTable.Column> columns;

    /** @param columns those that the model is expected to have: text in a topic has no types */
    TopicTable(String bootstrapServers, String topic, List<PostgresTable.Column> columns) {
        this.bootstrapServers = bootstrapServers;
        this.topic = topic;
        this.columns = List.copyOf(columns);
    }

    @Override
    public List<PostgresTable.Column> columns() {
        return columns;
    }

    @Override
    public void copyInto(Statement oracle, String relation) throws SQLException, IOException {
        Path file = Files.createTempFile("freshet-verify", ".json");
        try {
            try (TopicFollower follower = TopicFollower.fromBeginning(bootstrapServers, List.of(topic))) {
                follower.catchUp();
                write(follower.rows(topic), file);
            }
            String texts = columns.stream()
                    .map(column -> PostgresTable.literal(column.name()) + ": 'VARCHAR'")
                    .collect(Collectors.joining(", "));
            String values = columns.stream().map(TopicTable::imported).collect(Collectors.joining(", "));
            oracle.execute("create table " + relation + " as select " + values + " from read_json("
                    + PostgresTable.literal(file.toString()) + ", format = 'newline_delimited', columns = {" + texts
                    + "})");
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static void write(Map<JsonNode, TopicFollower.Held> rows, Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (TopicFollower.Held held : rows.values()) {
                String line = JSON.writeValueAsString(held.row());
                for (long copy = 0; copy < held.copies(); copy++) {
                    out.write(line);
                    out.newLine();
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static String imported(PostgresTable.Column column) {
        String name = PostgresTable.quote(column.name());
        String value = column.type().equals("BLOB")
                ? "from_base64(" + name + ")"
                : "cast(" + name + " as " + column.type() + ")";
        return value + " as " + name;
    }
}
