package dev.freshet.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.ingest.ChangeSourceFactory;
import dev.freshet.ingest.SourceProblem;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.testkit.PostgresServer;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can't be captured is refused with one message that names it and says what to do. */
class RefusalsTest {

    private static PostgresServer server;

    @TempDir
    Path scratch;

    @BeforeAll
    static void start() {
        server = PostgresServer.start(Map.of("max_replication_slots", "2"));
        server.createDatabase("shop");
        server.execute(
                "shop",
                "create table orders (id int primary key)",
                "create table no_key (id int)",
                "create table nothing (id int primary key)",
                "alter table nothing replica identity nothing",
                "create unlogged table scribble (id int primary key)",
                "create view seen as select * from orders",
                "create role plain login password 'plain'",
                "create role replicator login replication password 'it''s'");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private CaptureFixture capture(String... tables) {
        return new CaptureFixture(server, "shop", scratch, tables);
    }

    private static void refuses(CaptureFixture capture, ErrorKind kind, String... parts) {
        try (capture) {
            assertThatThrownBy(capture::start)
                    .isInstanceOfSatisfying(
                            FreshetException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                    .hasMessageContainingAll(parts);
        }
    }

    @Test
    void unreachableServersAndWrongLogins() throws Exception {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        refuses(
                capture("orders").with("port", String.valueOf(closed)),
                ErrorKind.SOURCE,
                "localhost:" + closed + " of output 'crm' can't be reached");
        refuses(
                capture("orders").with("dbname", "shopp"),
                ErrorKind.SOURCE,
                "database 'shopp' of output 'crm' does not exist");
    }

    @Test
    void missingTablesAndIdentities() {
        refuses(
                capture("order", "zebra_stripes", "no_key", "nothing", "scribble", "seen"),
                ErrorKind.SOURCE,
                "table \"public.order\" does not exist in database 'shop': did you mean \"public.orders\"?",
                "table \"public.zebra_stripes\" does not exist in database 'shop': check the source's 'schema' and 'identifier'",
                "table \"public.no_key\" has neither a primary key nor another replica identity",
                "alter table \"public\".\"no_key\" replica identity full",
                "table \"public.nothing\" has replica identity nothing",
                "table \"public.scribble\" is not logged",
                "\"public.seen\" is not a table");
    }

    @Test
    void missingRights() {
        refuses(
                capture("orders").with("user", "plain").with("password", "plain"),
                ErrorKind.SOURCE,
                "does not let user 'plain' replicate",
                "alter role \"plain\" replication");
        CaptureFixture replicator = capture("orders").with("user", "replicator").with("password", "it's");
        refuses(
                replicator,
                ErrorKind.SOURCE,
                "user 'replicator' may not read table \"public.orders\"",
                "grant select on \"public\".\"orders\" to \"replicator\"");
        server.execute("shop", "grant select on orders to replicator");
        refuses(
                replicator,
                ErrorKind.SOURCE,
                "does not own \"public.orders\" (owner postgres)",
                "create publication \"" + replicator.slot() + "\" for table \"public\".\"orders\"");
        server.execute("shop", "create table own (id int primary key)", "alter table own owner to replicator");
        refuses(
                capture("own").with("user", "replicator").with("password", "it's"),
                ErrorKind.SOURCE,
                "may not create a publication",
                "grant create on database \"shop\" to \"replicator\"");
    }

    /** Whoever pastes what a check prints, until it prints nothing, has a source that captures. */
    @Test
    void whatACheckPrintsIsAllThatIsNeeded() throws Exception {
        server.createDatabase("guarded");
        server.execute(
                "guarded",
                "revoke all on schema public from public",
                "create table orders (id int primary key)",
                "create table notes (body text)",
                "insert into orders values (1)",
                "insert into notes values ('a')",
                "create role \"Rita \"\"R\"\"\" login password 'rita'");
        CaptureFixture capture = new CaptureFixture(server, "guarded", scratch, "orders", "notes")
                .with("user", "Rita \"R\"")
                .with("password", "rita");
        List<SourceProblem> problems = new PostgresChangeSourceFactory().check(capture.setup());
        List<String> statements = problems.stream()
                .flatMap(p -> p.statements().stream())
                .distinct()
                .toList();
        assertThat(statements)
                .containsExactly(
                        "alter role \"Rita \"\"R\"\"\" replication",
                        "grant usage on schema \"public\" to \"Rita \"\"R\"\"\"",
                        "grant select on \"public\".\"orders\" to \"Rita \"\"R\"\"\"",
                        "alter table \"public\".\"notes\" replica identity full",
                        "grant select on \"public\".\"notes\" to \"Rita \"\"R\"\"\"",
                        "create publication \"" + capture.slot()
                                + "\" for table \"public\".\"notes\", \"public\".\"orders\" with (publish = 'insert, update,"
                                + " delete, truncate', publish_via_partition_root = true, publish_generated_columns = stored)",
                        "comment on publication \"" + capture.slot()
                                + "\" is 'freshet pipeline guarded/dev, connection crm'",
                        "alter publication \"" + capture.slot() + "\" owner to \"Rita \"\"R\"\"\"");
        server.execute("guarded", statements.toArray(String[]::new));
        assertThat(new PostgresChangeSourceFactory().check(capture.setup())).isEmpty();
        try (capture) {
            capture.start();
            capture.drain();
            capture.pumpUntil(() -> capture.source().status().connected());
            assertThat(capture.staged.get(CaptureFixture.table("notes")).rows).hasSize(1);
            capture.leaveSlot();
        }
        // Others look how many slots are left.
        server.execute("guarded", "select pg_drop_replication_slot('" + capture.slot() + "')");
    }

    @Test
    void wrongPasswordsAreNamedAndNeverShown() throws Exception {
        server.execute("shop", "create role locked login password 'right'");
        Path rules;
        try (var connection = server.connect("shop");
                var statement = connection.createStatement();
                var row = statement.executeQuery("select current_setting('hba_file')")) {
            row.next();
            rules = Path.of(row.getString(1));
        }
        String before = Files.readString(rules);
        Files.writeString(rules, "host all locked all scram-sha-256\n" + before);
        server.execute("shop", "select pg_reload_conf()");
        CaptureFixture capture = capture("orders").with("user", "locked").with("password", "s3cret-word");
        try (capture) {
            long deadline = System.nanoTime() + 10_000_000_000L;
            List<SourceProblem> problems = List.of();
            while (System.nanoTime() < deadline
                    && problems.stream().noneMatch(p -> p.text().contains("refused"))) {
                problems = new PostgresChangeSourceFactory().check(capture.setup());
            }
            assertThat(problems)
                    .singleElement()
                    .asString()
                    .contains("user 'locked' of output 'crm' is refused by localhost:" + server.port())
                    .contains("check 'user' and 'password' in profiles.yml")
                    .doesNotContain("s3cret");
            assertThatThrownBy(capture::start)
                    .hasMessageContaining("is refused")
                    .hasMessageNotContaining("s3cret");
        }
    }

    @Test
    void someoneElsesPublicationAndABusySlot() throws Exception {
        server.createDatabase("owned");
        server.execute("owned", "create table t (id int primary key)");
        CaptureFixture ours = new CaptureFixture(server, "owned", scratch, "t").project("a-b");
        try (ours) {
            ours.start();
            ours.drain();
            ours.pumpUntil(() -> ours.source().status().connected());
            // The same names for the server, but another project.
            CaptureFixture theirs = new CaptureFixture(server, "owned", scratch.resolve("theirs"), "t").project("a_b");
            assertThat(theirs.slot()).isEqualTo(ours.slot());
            refuses(theirs, ErrorKind.USER, "belongs to 'freshet pipeline a-b/dev, connection crm'", "--take-over");
            refuses(
                    new CaptureFixture(server, "owned", scratch.resolve("again"), "t").project("a-b"),
                    ErrorKind.RETRYABLE,
                    "replication slot \"" + ours.slot()
                            + "\" of output 'crm' is in use by another process (server process ",
                    "pg_terminate_backend(");
            ours.source().close();
            try (CaptureFixture taking = theirs.takingOver()) {
                taking.start();
                taking.drain();
                assertThat(taking.staged.get(CaptureFixture.table("t")).complete)
                        .isTrue();
            }
        }
    }

    @Test
    void serversThatCannotBeCaptured() {
        try (PostgresServer replica = PostgresServer.start(Map.of("wal_level", "replica"))) {
            replica.execute("postgres", "create table orders (id int primary key)");
            CaptureFixture capture = new CaptureFixture(replica, "postgres", scratch, "orders");
            refuses(capture, ErrorKind.SOURCE, "has wal_level 'replica'", "alter system set wal_level = 'logical'");
            assertThat(new PostgresChangeSourceFactory().check(capture.setup()))
                    .singleElement()
                    .asString()
                    .contains("wal_level");
        }
    }

    @Test
    void factoryIsFoundAndACheckChangesNothing() {
        assertThat(ServiceLoader.load(ChangeSourceFactory.class).stream()
                        .map(provider -> provider.get().id()))
                .contains("postgres");
        server.createDatabase("untouched");
        server.execute("untouched", "create table t (id int primary key)");
        CaptureFixture capture = new CaptureFixture(server, "untouched", scratch, "t");
        assertThat(new PostgresChangeSourceFactory().check(capture.setup())).isEmpty();
        server.execute(
                "untouched",
                "do $$ begin if exists (select from pg_publication) then raise 'there is a publication'; end if; end $$");
    }
}
