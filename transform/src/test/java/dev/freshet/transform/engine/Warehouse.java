package dev.freshet.transform.engine;

import dev.freshet.testkit.PostgresServer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** Where a test's project runs. The PostgreSQL server is one for all tests and ends with the virtual machine. */
enum Warehouse {
    POSTGRES {
        @Override
        RunFixture fixture(Path directory) {
            String name = Server.ONE.createDatabase("warehouse" + NUMBER.incrementAndGet());
            return new RunFixture(
                    directory,
                    "{type: postgres, host: localhost, port: " + Server.ONE.port()
                            + ", user: postgres, password: postgres, dbname: " + name + ", schema: lake, threads: 4}",
                    "jdbc:postgresql://localhost:" + Server.ONE.port() + "/" + name
                            + "?user=postgres&password=postgres");
        }
    },
    DUCKDB {
        @Override
        RunFixture fixture(Path directory) {
            Path file = directory.resolve("warehouse.duckdb");
            return new RunFixture(
                    directory, "{type: duckdb, path: '" + file + "', schema: lake, threads: 4}", "jdbc:duckdb:" + file);
        }
    };

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static final class Server {
        static final PostgresServer ONE = PostgresServer.start();

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(ONE::close));
        }
    }

    /** An empty project, and an empty database. */
    abstract RunFixture fixture(Path directory);
}
