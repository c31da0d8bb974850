package dev.freshet.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A JVM of its own that runs a main class with the test's class path, so that it can be killed, stopped and signalled for real. Its output
 * (both streams in one) is kept and can be awaited line by line. Closing always ends it. May be used by several threads.
 */
public final class ServiceProcess implements AutoCloseable {

    private static final int MOST_LINES = 50_000;
    private static final Duration END_LIMIT = Duration.ofSeconds(20);

    private final Process process;
    private final Path temporary;
    private final Thread reader;

    // Guarded by this.
    private final List<String> lines = new ArrayList<>();
    private int awaitedUpTo;
    private boolean ended;

    /**
     * What to run.
     *
     * @param jvmFlags in addition to those of the test's own JVM that open modules
     * @param environment in addition to the test's own
     * @param directory the working directory
     */
    public record Launch(
            String mainClass,
            List<String> arguments,
            List<String> jvmFlags,
            Map<String, String> environment,
            Path directory) {
        public Launch {
            arguments = List.copyOf(arguments);
            jvmFlags = List.copyOf(jvmFlags);
            environment = Map.copyOf(environment);
        }
    }

    private ServiceProcess(Process process, Path temporary) {
        this.process = process;
        this.temporary = temporary;
        this.reader = new Thread(this::read, "output of process " + process.pid());
        this.reader.setDaemon(true);
    }

    public static ServiceProcess start(Launch launch) {
        try {
            // Native libraries are unpacked there; a killed process cannot remove its own.
            Path temporary = Files.createTempDirectory("service");
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.add("-Xmx1g");
            command.add("-Djava.io.tmpdir=" + temporary);
            ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                    .filter(flag -> flag.startsWith("--add-opens") || flag.startsWith("--enable-native-access"))
                    .forEach(command::add);
            command.addAll(launch.jvmFlags());
            command.add("-cp");
            command.add(classPath());
            command.add(launch.mainClass());
            command.addAll(launch.arguments());
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(launch.directory().toFile())
                    .redirectErrorStream(true);
            builder.environment().putAll(launch.environment());
            ServiceProcess service = new ServiceProcess(builder.start(), temporary);
            service.reader.start();
            return service;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Everything it printed so far, the oldest lines dropped when there are very many. */
    public synchronized List<String> output() {
        return List.copyOf(lines);
    }

    /**
     * Waits for a line that contains a match, after the one that was awaited last, and returns it.
     *
     * @throws AssertionError with the last lines of output when the time is over or the process ended without it
     */
    public synchronized String awaitLine(String regex, Duration limit) {
        Pattern pattern = Pattern.compile(regex);
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            while (awaitedUpTo < lines.size()) {
                String line = lines.get(awaitedUpTo++);
                if (pattern.matcher(line).find()) {
                    return line;
                }
            }
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (ended || left <= 0) {
                throw new AssertionError((ended ? "the process ended" : "waited " + limit.toMillis() / 1000.0 + " s")
                        + " without a line like /" + regex + "/; it printed last:\n" + tail());
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting for a line like /" + regex + "/", e);
            }
        }
    }

    /** Waits for its end and returns the exit code: 128 + n after signal n. */
    public int awaitExit(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("the process did not end within " + limit.toMillis() / 1000.0
                        + " s; it printed last:\n" + tail());
            }
            reader.join(END_LIMIT.toMillis());
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for a process to end", e);
        }
    }

    /** As a power cut would: no hook runs. Waits until it is gone. */
    public void kill9() {
        process.destroyForcibly();
        awaitExit(END_LIMIT);
    }

    /** Asks it to end, as an init system does. */
    public void sigterm() {
        signal("TERM");
    }

    /** As Ctrl-C does. */
    public void sigint() {
        signal("INT");
    }

    /** Freezes it: it keeps its connections and its belief that it is the owner. */
    public void sigstop() {
        signal("STOP");
    }

    /** Wakes it after {@link #sigstop}. */
    public void sigcont() {
        signal("CONT");
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(END_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try (Stream<Path> paths = Files.walk(temporary)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void signal(String name) {
        try {
            int result = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
            if (result != 0) {
                throw new AssertionError("the process was gone before SIG" + name + "; it printed last:\n" + tail());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while sending SIG" + name, e);
        }
    }

    private void read() {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = out.readLine();
            while (line != null) {
                add(line);
                line = out.readLine();
            }
        } catch (IOException e) {
            add("[its output ended: " + e.getMessage() + "]");
        } finally {
            end();
        }
    }

    private synchronized void add(String line) {
        if (lines.size() == MOST_LINES) {
            lines.remove(0);
            awaitedUpTo = Math.max(0, awaitedUpTo - 1);
        }
        lines.add(line);
        notifyAll();
    }

    private synchronized void end() {
        ended = true;
        notifyAll();
    }

    private synchronized String tail() {
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
    }

    /** Surefire hides the real class path behind a jar of its own. */
    private static String classPath() {
        String surefire = System.getProperty("surefire.test.class.path");
        return surefire == null ? System.getProperty("java.class.path") : surefire;
    }
}
