package dev.freshet.deploy.demo;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An embedded PostgreSQL with the demo's three databases: {@code shop} and {@code crm} to capture, {@code warehouse} to deliver to. It is as
 * durable as a real one (fsync on), listens on a free loopback port, and runs in its own process group: Ctrl-C in the terminal does not reach
 * it, so the demo can drain first. Closing stops it and removes its files; if the process was killed, the next start in the same directory
 * does.
 */
public final class DemoServers implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DemoServers.class);
    private static final List<String> DATABASES = List.of("shop", "crm", "warehouse");
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final EmbeddedPostgres server;
    private final Path files;
    private final Path lockFile;
    private final FileChannel lock;

    private DemoServers(EmbeddedPostgres server, Path files, Path lockFile, FileChannel lock) {
        this.server = server;
        this.files = files;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /**
     * @param directory everything is kept in its subdirectory {@code postgres}
     * @throws FreshetException USER when this platform has no embedded PostgreSQL or another demo runs in the directory, SOURCE when the server
     *     does not start
     */
    public static DemoServers start(Path directory) {
        requirePlatform();
        Path files = directory.toAbsolutePath().resolve("postgres");
        Path lockFile = files.resolveSibling("demo.lock");
        FileChannel lock = lock(lockFile);
        try {
            endLeftover(files);
            DemoFiles.delete(files);
            Files.createDirectories(files);
            DemoServers servers = new DemoServers(launch(files), files, lockFile, lock);
            servers.createDatabases();
            return servers;
        } catch (IOException e) {
            release(lockFile, lock);
            throw unwritable(files, e);
        } catch (RuntimeException e) {
            endLeftover(files);
            DemoFiles.delete(files);
            release(lockFile, lock);
            throw e;
        }
    }

    public PostgresAddress shop() {
        return address("shop");
    }

    public PostgresAddress crm() {
        return address("crm");
    }

    public PostgresAddress warehouse() {
        return address("warehouse");
    }

    /** What {@code examples/shop/profiles.yml} reads with {@code env_var}. */
    public Map<String, String> environment() {
        return Map.of(
                "SHOP_DEMO_HOST", "127.0.0.1",
                "SHOP_DEMO_PORT", Integer.toString(server.getPort()),
                "SHOP_DEMO_USER", "postgres",
                "SHOP_DEMO_PASSWORD", "postgres");
    }

    /** Stops the server, cutting whatever is still connected, and removes its files. */
    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            endLeftover(files);
            DemoFiles.delete(files);
            release(lockFile, lock);
        }
    }

    /** What a kill -9 of this process would do: the lock goes, the server stays. */
    void abandon() {
        close(lock);
    }

    private PostgresAddress address(String database) {
        return new PostgresAddress("127.0.0.1", server.getPort(), "postgres", "postgres", database);
    }

    private static void requirePlatform() {
        String name = System.getProperty("os.name");
        String architecture = System.getProperty("os.arch");
        if (!name.equals("Linux")
                || !architecture.equals("amd64")
                || EmbeddedPostgres.class.getResource("/postgres-linux-x86_64.txz") == null) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "the demo brings a PostgreSQL for Linux on x86-64, and this is \"" + name + " " + architecture
                            + "\": start your own PostgreSQL and run `freshet serve` in examples/shop (see its README.md)");
        }
    }

    private static EmbeddedPostgres launch(Path files) {
        Path log = files.resolve("server.log");
        try {
            return EmbeddedPostgres.builder()
                    .setOverrideWorkingDirectory(files.resolve("binaries").toFile())
                    .setDataDirectory(files.resolve("data"))
                    .setLocaleConfig("locale", "C")
                    .setServerConfig("listen_addresses", "127.0.0.1")
                    .setServerConfig("unix_socket_directories", "")
                    .setServerConfig("wal_level", "logical")
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("shared_buffers", "256MB")
                    .setServerConfig("max_wal_size", "1GB")
                    .setServerConfig("max_connections", "60")
                    .setOutputRedirector(Redirect.appendTo(log.toFile()))
                    .setErrorRedirector(Redirect.appendTo(log.toFile()))
                    // The demo drains before it stops its servers; a hook of theirs would pull them away from under it.
                    .setRegisterShutdownHook(false)
                    .setPGStartupWait(START_LIMIT)
                    .start();
        } catch (IOException | IllegalStateException e) {
            throw new FreshetException(
                    ErrorKind.SOURCE,
                    "the demo's embedded PostgreSQL did not start: " + e.getMessage() + lastLine(log),
                    e);
        }
    }

    private static String lastLine(Path log) {
        try {
            List<String> lines = Files.readAllLines(log);
            return lines.isEmpty() ? "" : "; its log ends with: " + lines.get(lines.size() - 1);
        } catch (IOException ignored) {
            return "";
        }
    }

    private void createDatabases() {
        try (Connection connection = address("postgres").connect();
                Statement statement = connection.createStatement()) {
            for (String database : DATABASES) {
                statement.execute("create database \"" + database + "\"");
            }
        } catch (SQLException e) {
            throw new FreshetException(
                    ErrorKind.SOURCE, "the demo's databases could not be created: " + e.getMessage(), e);
        }
    }

    private static FileChannel lock(Path lockFile) {
        FileChannel channel;
        try {
            Files.createDirectories(lockFile.getParent());
            channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw unwritable(lockFile, e);
        }
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException ignored) {
            // Held by this very process: the same refusal.
        } catch (IOException e) {
            throw unwritable(lockFile, e);
        }
        close(channel);
        throw new FreshetException(
                ErrorKind.USER, "another demo is running in \"" + lockFile.getParent() + "\": stop it first");
    }

    private static FreshetException unwritable(Path path, IOException cause) {
        return new FreshetException(
                ErrorKind.USER, "the demo cannot write to \"" + path + "\": " + cause.getMessage(), cause);
    }

    private static void release(Path lockFile, FileChannel lock) {
        DemoFiles.delete(lockFile);
        close(lock);
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the server of these files if one still runs. They are about to be deleted, so nothing in them needs saving. */
    private static void endLeftover(Path files) {
        Path data = files.resolve("data");
        // The number may be another process's by now. Ours is known by its data directory: its program may have been
        // unpacked elsewhere.
        Optional<ProcessHandle> leftover = runningServer(data.resolve("postmaster.pid"))
                .filter(process -> process.info()
                        .arguments()
                        .map(arguments -> List.of(arguments).contains(data.toString()))
                        .orElse(false));
        if (leftover.isEmpty()) {
            return;
        }
        ProcessHandle process = leftover.get();
        try {
            // PostgreSQL's immediate shutdown: it ends its children, which killing it would not.
            new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid())).start();
            process.onExit().get(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (IOException | ExecutionException | TimeoutException e) {
            LOG.warn("The demo's PostgreSQL (process {}) did not end when asked to and is killed.", process.pid());
            process.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }

    private static Optional<ProcessHandle> runningServer(Path pidFile) {
        try {
            List<String> lines = Files.readAllLines(pidFile);
            return lines.isEmpty()
                    ? Optional.empty()
                    : ProcessHandle.of(Long.parseLong(lines.get(0).trim()));
        } catch (IOException | NumberFormatException ignored) {
            return Optional.empty();
        }
    }
}
