package dev.freshet.transform.plan;

import dev.freshet.transform.project.node.Model;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Tells an edited model from an unchanged one. */
final class Fingerprint {

    private Fingerprint() {}

    /** SHA-256 over everything that shapes the stored rows: the compiled SQL, the unique key, the materialization. */
    static String of(Model model) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        update(digest, model.materialization().name());
        model.uniqueKey().forEach(column -> update(digest, column));
        update(digest, model.sql());
        model.history().ifPresent(history -> update(digest, history.toString()));
        model.snapshot().ifPresent(snapshot -> update(digest, snapshot.toString()));
        return HexFormat.of().formatHex(digest.digest());
    }

    /** With its length, so that no two sequences of parts run into the same bytes. */
    private static void update(MessageDigest digest, String part) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
        digest.update(bytes);
    }
}
