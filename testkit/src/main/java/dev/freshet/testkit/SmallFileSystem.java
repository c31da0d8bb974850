package dev.freshet.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A real file system in memory with room for little, so that a disk can be full. Linux with the right to mount only. */
public final class SmallFileSystem implements AutoCloseable {

    private static final String FILLER = "filler";
    private static final int BLOCK = 4096;

    private final Path mountPoint;

    private SmallFileSystem(Path mountPoint) {
        this.mountPoint = mountPoint;
    }

    /**
     * Mounts one on a new directory.
     *
     * @return empty where this process may not mount
     */
    public static Optional<SmallFileSystem> mount(Path newDirectory, long sizeBytes) {
        try {
            Files.createDirectories(newDirectory);
            List<String> mount =
                    List.of("mount", "-t", "tmpfs", "-o", "size=" + sizeBytes, "tmpfs", newDirectory.toString());
            if (!run(mount)) {
                Files.delete(newDirectory);
                return Optional.empty();
            }
            return Optional.of(new SmallFileSystem(newDirectory));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path path() {
        return mountPoint;
    }

    /** Uses up the room until about that much is left, with one file of its own. */
    public void fill(long bytesLeft) {
        release();
        try (OutputStream out = Files.newOutputStream(mountPoint.resolve(FILLER))) {
            byte[] block = new byte[BLOCK];
            while (freeBytes() > bytesLeft) {
                write(out, block);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Another writer may take the last room between looking and writing: full is what was asked for. */
    private void write(OutputStream out, byte[] block) throws IOException {
        try {
            out.write(block);
        } catch (IOException e) {
            if (freeBytes() > BLOCK) {
                throw e;
            }
        }
    }

    /** Gives the room back that {@link #fill} took. */
    public void release() {
        try {
            Files.deleteIfExists(mountPoint.resolve(FILLER));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public long freeBytes() {
        try {
            return Files.getFileStore(mountPoint).getUsableSpace();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Unmounts it, also while files in it are still open. */
    @Override
    public void close() {
        try {
            if (!run(List.of("umount", mountPoint.toString()))
                    && !run(List.of("umount", "-l", mountPoint.toString()))) {
                throw new IllegalStateException("\"" + mountPoint + "\" could not be unmounted: umount it by hand");
            }
            Files.delete(mountPoint);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean run(List<String> command) throws IOException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
