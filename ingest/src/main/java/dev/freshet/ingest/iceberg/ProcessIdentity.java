package dev.freshet.ingest.iceberg;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which process this is, so that a later one on the same machine can tell whether it still lives.
 *
 * @param scope what must be equal for process ids to be comparable: host name, boot and pid namespace
 * @param startedMillis when the process started, -1 if unknown; tells a reused id apart
 */
record ProcessIdentity(String host, String scope, long pid, long startedMillis) {

    static ProcessIdentity current() {
        ProcessHandle self = ProcessHandle.current();
        String host = hostName();
        return new ProcessIdentity(host, host + " " + boot() + " " + namespace(), self.pid(), started(self));
    }

    /** Whether a process is certainly gone. False when that can't be told from here. */
    boolean knowsDead(ProcessIdentity other) {
        if (!scope.equals(other.scope)) {
            return false;
        }
        Optional<ProcessHandle> found = ProcessHandle.of(other.pid).filter(ProcessHandle::isAlive);
        if (found.isEmpty()) {
            return true;
        }
        long started = started(found.get());
        return started >= 0 && other.startedMillis >= 0 && started != other.startedMillis;
    }

    private static long started(ProcessHandle process) {
        return process.info().startInstant().map(start -> start.toEpochMilli()).orElse(-1L);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException ignored) {
            return "localhost";
        }
    }

    private static String boot() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).trim();
        } catch (IOException ignored) {
            return "";
        }
    }

    private static String namespace() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
        } catch (IOException | UnsupportedOperationException ignored) {
            return "";
        }
    }
}
