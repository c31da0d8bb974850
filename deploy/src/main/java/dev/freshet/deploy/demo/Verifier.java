package dev.freshet.deploy.demo;

import dev.freshet.state.TableId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The oracle: is each delivered table what its model's SQL says about the sources? It reads the source tables whole into a DuckDB of its own,
 * runs the compiled text there and compares the result with the target as bags, column by column, exactly. It shares no code with the
 * pipeline it judges; only the names that compiled text uses are taken from the contract
 * ({@link dev.freshet.state.StateNames#relation}). The sources must be at rest and everything delivered.
 */
public final class Verifier {

    private final Map<String, PostgresAddress> databases;
    private final Map<String, Topics> topics;

    /**
     * A Kafka output.
     *
     * @param prefix of its topics
     */
    public record Topics(String bootstrapServers, String prefix) {

        /** The topic of a model. */
        public String topic(TableId model) {
            return prefix + "." + model.schema() + "." + model.name();
        }
    }

    /** @param databases by the name of the profile output */
    public Verifier(Map<String, PostgresAddress> databases) {
        this(databases, Map.of());
    }

    /**
     * @param databases by the name of the profile output
     * @param topics by the name of the profile output
     */
    public Verifier(Map<String, PostgresAddress> databases, Map<String, Topics> topics) {
        this.databases = Map.copyOf(databases);
        this.topics = Map.copyOf(topics);
    }

    /**
     * @param table where the model is delivered
     * @param sql its compiled text
     */
    public record ModelCheck(TableId table, String sql) {}

    /**
     * What came out for one model.
     *
     * @param missing rows that the SQL gives and the target lacks, duplicates counted
     * @param unexpected rows that the target has and the SQL does not give
     * @param examples a few of those rows, for people
     * @param problem why the two could not be compared
     */
    public record Verdict(
            TableId table,
            long expectedRows,
            long deliveredRows,
            long missing,
            long unexpected,
            List<String> examples,
            Optional<String> problem) {

        public Verdict {
            examples = List.copyOf(examples);
        }

        public boolean equal() {
            return problem.isEmpty() && missing == 0 && unexpected == 0;
        }

        static Verdict failed(TableId table, String problem) {
            return new Verdict(table, 0, 0, 0, 0, List.of(), Optional.of(problem));
        }
    }

    /**
     * @param sources every table the models read that is not a model
     * @param models parents before children
     * @return one verdict for each model, in their order
     */
    public List<Verdict> verify(List<TableId> sources, List<ModelCheck> models) {
        try {
            Path scratch = Files.createTempDirectory("freshet-verify");
            try (Connection oracle = DriverManager.getConnection("jdbc:duckdb:");
                    Statement statement = oracle.createStatement()) {
                statement.execute("set TimeZone = 'UTC'");
                statement.execute("set memory_limit = '1GB'");
                statement.execute("set temp_directory = "
                        + PostgresTable.literal(scratch.resolve("spill").toString()));
                for (TableId source : sources) {
                    load(statement, source);
                }
                List<Verdict> verdicts = new ArrayList<>();
                for (ModelCheck model : models) {
                    verdicts.add(verify(statement, model));
                }
                return verdicts;
            } finally {
                DemoFiles.delete(scratch);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the oracle's own database failed: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void load(Statement oracle, TableId source) throws SQLException, IOException {
        PostgresTable table = PostgresTable.read(address(source), source.schema(), source.name());
        for (PostgresTable.Column column : table.columns()) {
            if (column.type().equals(PostgresTable.ANY_NUMBER)) {
                throw new IllegalArgumentException("column \"" + column.name() + "\" of " + source
                        + " is a number without a scale, which the oracle cannot hold");
            }
        }
        table.copyInto(oracle, relation(oracle, source));
    }

    private Verdict verify(Statement oracle, ModelCheck model) throws SQLException, IOException {
        String expected = relation(oracle, model.table());
        String delivered = PostgresTable.quote("delivered " + model.table());
        try {
            oracle.execute("create table " + expected + " as " + model.sql());
        } catch (SQLException e) {
            return Verdict.failed(model.table(), "its SQL failed in the oracle: " + e.getMessage());
        }
        try {
            DeliveredTable table = delivered(oracle, model.table(), expected);
            table.copyInto(oracle, delivered);
            return new BagComparison(oracle, model.table(), expected, delivered, table).verdict();
        } catch (SQLException | IllegalArgumentException | IllegalStateException e) {
            return Verdict.failed(model.table(), "the delivered table could not be read: " + e.getMessage());
        } finally {
            oracle.execute("drop table if exists " + delivered);
        }
    }

    private DeliveredTable delivered(Statement oracle, TableId table, String expected) throws SQLException {
        Topics output = topics.get(table.connection());
        if (output == null) {
            return PostgresTable.read(address(table), table.schema(), table.name());
        }
        List<PostgresTable.Column> columns = new ArrayList<>();
        BagComparison.types(oracle, expected)
                .forEach((name, type) -> columns.add(new PostgresTable.Column(name, type)));
        return new TopicTable(output.bootstrapServers(), output.topic(table), columns);
    }

    private PostgresAddress address(TableId table) {
        PostgresAddress address = databases.get(table.connection());
        if (address == null) {
            throw new IllegalArgumentException("no database is known for " + table);
        }
        return address;
    }

    private static String relation(Statement oracle, TableId table) throws SQLException {
        String schema = PostgresTable.quote(table.connection() + "." + table.schema());
        oracle.execute("create schema if not exists " + schema);
        return schema + "." + PostgresTable.quote(table.name());
    }
}
