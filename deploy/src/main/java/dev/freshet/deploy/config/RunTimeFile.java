package dev.freshet.deploy.config;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A small file of the run-time directory that is there as a whole, old or new, whenever the service ends. */
public final class RunTimeFile {

    private RunTimeFile() {}

    /** @throws FreshetException RETRYABLE when it can't be written; the old one is there then */
    public static void replace(Path file, String text) {
        try {
            Path next = file.resolveSibling(file.getFileName() + ".next");
            Files.writeString(next, text);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.RETRYABLE, "'" + file + "' can't be written: " + e.getMessage() + "; free space", e);
        }
    }
}
