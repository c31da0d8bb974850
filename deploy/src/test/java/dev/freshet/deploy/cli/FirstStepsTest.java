package dev.freshet.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.testkit.PostgresServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From nothing to fresh tables, as somebody who may do nothing in the source database yet. */
class FirstStepsTest {

    private static PostgresServer server;

    @TempDir
    Path directory;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeAll
    static void start() {
        server = PostgresServer.start();
        server.createDatabase("app");
        server.createDatabase("warehouse");
        server.execute(
                "app",
                "revoke usage on schema public from public",
                "create table orders (order_id int primary key, total numeric(10,2))",
                "insert into orders values (1, 10.50), (2, 7)",
                "create role nobody_yet login password 'nothing'");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void initThenWhatDebugPrintsThenFreshTables() throws Exception {
        assertThat(run(directory, "init", "first_steps")).isZero();
        assertThat(output()).contains("Created project 'first_steps'").contains("freshet debug");
        Path project = directory.resolve("first_steps");
        Path profiles = project.resolve("profiles.yml");
        assertThat(project.resolve(".gitignore")).content().contains(".freshet/");
        assertThat(run(project, "parse")).as(output()).isZero();
        Files.writeString(
                profiles,
                Files.readString(profiles)
                        .replace("'5432'", "'" + server.port() + "'")
                        .replace("'WAREHOUSE_PASSWORD', ''", "'WAREHOUSE_PASSWORD', 'postgres'")
                        .replace("'APP_USER', 'postgres'", "'APP_USER', 'nobody_yet'")
                        .replace("'APP_PASSWORD', ''", "'APP_PASSWORD', 'nothing'"));

        assertThat(run(project, "debug")).isEqualTo(1);
        assertThat(output())
                .contains("source app (postgres), 1 table ")
                .contains("does not let user 'nobody_yet' replicate")
                .contains("user 'nobody_yet' may not read table \"public.orders\"")
                .contains("In the database of output 'app', as a superuser or as the owner of what is changed, paste:")
                .contains("target dev (postgres), 1 model ")
                .doesNotContain("\tat ");
        assertThat(run(project, "serve", "--once")).as("not before").isEqualTo(1);
        assertThat(run(project, "debug")).isEqualTo(1);
        List<String> toPaste = output().lines()
                .filter(line -> line.startsWith("    "))
                .map(String::strip)
                .toList();
        assertThat(toPaste)
                .containsExactly(
                        "alter role \"nobody_yet\" replication;",
                        "grant usage on schema \"public\" to \"nobody_yet\";",
                        "grant select on \"public\".\"orders\" to \"nobody_yet\";",
                        "create publication \"freshet_first_steps_dev_app\" for table \"public\".\"orders\" with (publish ="
                                + " 'insert, update, delete, truncate', publish_via_partition_root = true,"
                                + " publish_generated_columns = stored);",
                        "comment on publication \"freshet_first_steps_dev_app\" is 'freshet pipeline first_steps/dev,"
                                + " connection app';",
                        "alter publication \"freshet_first_steps_dev_app\" owner to \"nobody_yet\";");
        server.execute("app", toPaste.toArray(String[]::new));

        assertThat(run(project, "debug")).as(output()).isZero();
        assertThat(output()).contains("All checks passed!");
        assertThat(run(project, "serve", "--once")).as(output()).isZero();
        assertThat(delivered()).isEqualTo("17.50");
        server.execute("app", "update orders set total = 8 where order_id = 2");
        assertThat(run(project, "serve", "--once")).as(output()).isZero();
        assertThat(delivered()).isEqualTo("18.50");
    }

    @Test
    void aProjectThatExistsGetsWhatIsMissingAndKeepsWhatItHas() throws Exception {
        Files.writeString(directory.resolve("dbt_project.yml"), "name: mine\nprofile: mine\n");
        Files.writeString(directory.resolve(".gitignore"), "target/\n");
        assertThat(run(directory, "init")).isZero();
        assertThat(output()).contains("Added freshet.yml to").contains("'connection:'");
        assertThat(directory.resolve(".gitignore")).content().isEqualTo("target/\n");
        assertThat(directory.resolve("profiles.yml")).doesNotExist();
        assertThat(run(directory, "init")).isZero();
        assertThat(output()).contains("has everything");

        assertThat(run(directory.getParent(), "init", directory.getFileName().toString()))
                .isEqualTo(1);
        assertThat(run(directory, "init", "no/name")).isEqualTo(1);
        assertThat(output()).contains("'no/name' is not a project name");
    }

    private static String delivered() throws Exception {
        try (Connection connection = server.connect("warehouse");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select sum(total) from first_steps.orders_copy")) {
            row.next();
            return row.getBigDecimal(1).toPlainString();
        }
    }

    private int run(Path where, String... command) {
        printed.reset();
        List<String> line = new ArrayList<>(List.of(command));
        line.addAll(List.of("--project-dir", where.toString()));
        Terminal terminal = new Terminal(
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                Clock.fixed(Instant.parse("2026-11-20T12:34:56Z"), ZoneOffset.UTC),
                ZoneOffset.UTC,
                false);
        return FreshetCommand.run(terminal, line.toArray(String[]::new));
    }

    private String output() {
        return printed.toString(StandardCharsets.UTF_8);
    }
}
