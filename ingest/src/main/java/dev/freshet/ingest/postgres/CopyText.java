package dev.freshet.ingest.postgres;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** One line of COPY's text format (PostgreSQL documentation, COPY): tab-separated, {@code \N} for NULL, backslash escapes. */
final class CopyText {

    private CopyText() {}

    /** @param length of the line, with or without its line feed */
    static @Nullable String[] fields(byte[] line, int length, int count) {
        String[] fields = new String[count];
        int end = length > 0 && line[length - 1] == '\n' ? length - 1 : length;
        int from = 0;
        for (int field = 0; field < count; field++) {
            int to = from;
            boolean escaped = false;
            while (to < end && line[to] != '\t') {
                escaped |= line[to] == '\\';
                to++;
            }
            if (!escaped) {
                fields[field] = new String(line, from, to - from, StandardCharsets.UTF_8);
            } else if (to - from != 2 || line[from + 1] != 'N') {
                fields[field] = unescape(line, from, to);
            }
            from = to + 1;
        }
        return fields;
    }

    private static String unescape(byte[] line, int from, int to) {
        byte[] plain = new byte[to - from];
        int length = 0;
        for (int i = from; i < to; i++) {
            byte b = line[i];
            if (b == '\\' && i + 1 < to) {
                i++;
                b = switch (line[i]) {
                    case 'b' -> (byte) '\b';
                    case 'f' -> (byte) '\f';
                    case 'n' -> (byte) '\n';
                    case 'r' -> (byte) '\r';
                    case 't' -> (byte) '\t';
                    case 'v' -> (byte) 0x0b;
                    default -> line[i];
                };
            }
            plain[length++] = b;
        }
        return new String(plain, 0, length, StandardCharsets.UTF_8);
    }
}
