package dev.freshet.publisher.kafka;

import dev.freshet.state.TableId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names of topics: {@code prefix.schema.name}, as Debezium's. Kafka allows {@code [a-zA-Z0-9._-]} only, so in a schema's or model's name every
 * UTF-8 byte other than {@code [a-zA-Z0-9_]} is spelled {@code -XX} in upper-case hex, the hyphen and the dot included: different models have different
 * topics. A name beyond Kafka's 249 characters ends in a digest of the whole.
 */
final class TopicNames {

    private static final int LONGEST = 249;
    private static final HexFormat HEX = HexFormat.of();

    private final String prefix;

    /** @param prefix empty for none */
    TopicNames(String prefix) {
        this.prefix = prefix.isEmpty() ? "" : prefix + ".";
    }

    static boolean isAllowed(String prefix) {
        return prefix.matches("[a-zA-Z0-9._-]{0,100}") && !prefix.endsWith(".");
    }

    /** Shared by all pipelines with this prefix. A model's topic has one dot more. */
    String ledger() {
        return prefix + "freshet_ledger";
    }

    String topic(TableId model) {
        String name = prefix + spelled(model.schema()) + "." + spelled(model.name());
        if (name.length() <= LONGEST) {
            return name;
        }
        return name.substring(0, LONGEST - 33) + "-" + digest(name);
    }

    private static String spelled(String name) {
        StringBuilder spelled = new StringBuilder(name.length());
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) b;
            boolean plain = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
            if (plain) {
                spelled.append(c);
            } else {
                spelled.append('-').append(HEX.withUpperCase().toHexDigits(b));
            }
        }
        return spelled.toString();
    }

    private static String digest(String name) {
        byte[] digest = sha256().digest(name.getBytes(StandardCharsets.UTF_8));
        return HEX.formatHex(digest, 0, 16);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
