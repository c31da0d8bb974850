package dev.freshet.transform.project.partial;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Tells whether something is the same as last time: equal fingerprints, equal values. Not for checksums that others compare with. */
public final class Fingerprint {

    /** More than any two different things will ever share. */
    private static final int BYTES = 16;

    private Fingerprint() {}

    /** Whether a value is made of null, booleans, numbers, texts, lists and dictionaries only, which alone have fingerprints. */
    public static boolean isPossible(@Nullable Object value) {
        return ValueWriter.isPlain(value);
    }

    /** @throws IllegalArgumentException when it is not possible */
    public static String of(@Nullable Object value) {
        return of(ValueWriter.plain().value(value).bytes());
    }

    static String of(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes), 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
