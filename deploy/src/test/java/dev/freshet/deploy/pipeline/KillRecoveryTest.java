package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.Main;
import dev.freshet.deploy.demo.DemoWorkload;
import dev.freshet.deploy.demo.PostgresAddress;
import dev.freshet.testkit.ServiceProcess;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promise 3, for real: {@code freshet serve} is killed with -9 at random moments under load, and in the end every table equals its model. */
class KillRecoveryTest {

    private static final int KILLS = Integer.getInteger("freshet.kills", 30);

    @TempDir
    Path directory;

    @Test
    void killedAgainAndAgain() throws Exception {
        long seed = Long.getLong("freshet.seed", System.nanoTime());
        System.out.println("kill test: seed " + seed + ", " + KILLS + " kills");
        Random random = new Random(seed);
        try (ShopFixture shop = ShopFixture.create(
                directory, 3_000, "batch:\n  interval: 50ms\n  rows: 500\nstaging:\n  upkeep_interval: 1s\n")) {
            int served = 0;
            try (DemoWorkload load = shop.workload(400, seed)) {
                for (int kill = 0; kill < KILLS; kill++) {
                    try (ServiceProcess service = serve(shop)) {
                        // Every third one dies somewhere in its start, recovery or load, the others while they serve.
                        if (kill % 3 == 0) {
                            pause(1_000 + random.nextInt(3_000));
                        } else {
                            service.awaitLine("Serving pipeline", Duration.ofSeconds(60));
                            served++;
                            disturb(shop, served);
                            pause(random.nextInt(4_000));
                        }
                        assertThat(service.isAlive())
                                .as(() -> String.join("\n", service.output()))
                                .isTrue();
                        service.kill9();
                    }
                }
                load.stop();
                assertThat(load.counters().lostConnections()).isZero();
            }
            assertThat(served).isGreaterThan(KILLS / 2);
            shop.catchUpAndVerify();
        }
    }

    /** Beside the load: a transaction too large for memory, its undoing, and tables that have to be loaded anew. */
    private static void disturb(ShopFixture shop, int served) throws InterruptedException {
        switch (served % 8) {
            case 2 ->
                shop.execute(
                        shop.shop(),
                        "insert into page_views select now(), i % 100, '/bulk', null from generate_series(1, 60000) i");
            case 5 -> shop.execute(shop.shop(), "delete from page_views where path = '/bulk'");
            case 3 -> addColumn(shop, shop.shop(), "orders", served);
            case 6 -> addColumn(shop, shop.crm(), "tickets", served);
            default -> {}
        }
    }

    /** Gives up its place in the queue for the lock before that can end in a deadlock with the load. */
    private static void addColumn(ShopFixture shop, PostgresAddress database, String table, int number)
            throws InterruptedException {
        for (int attempt = 0; attempt < 40; attempt++) {
            try {
                shop.execute(
                        database,
                        "set lock_timeout = '200ms'",
                        "alter table " + table + " add column extra_" + number + " integer default " + number);
                return;
            } catch (IllegalStateException e) {
                assertThat(e.getCause())
                        .isInstanceOfSatisfying(SQLException.class, refused -> assertThat(refused.getSQLState())
                                .isEqualTo("55P03"));
                pause(50);
            }
        }
        throw new AssertionError("no lock on " + table);
    }

    private static ServiceProcess serve(ShopFixture shop) {
        return ServiceProcess.start(new ServiceProcess.Launch(
                Main.class.getName(),
                List.of("serve", "--project-dir", shop.project().toString()),
                List.of("-XX:TieredStopAtLevel=1"),
                shop.environment(),
                shop.project()));
    }

    private static void pause(long millis) throws InterruptedException {
        Thread.sleep(millis);
    }
}
