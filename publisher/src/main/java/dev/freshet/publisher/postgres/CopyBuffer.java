package dev.freshet.publisher.postgres;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Bytes of PostgreSQL's binary COPY format, growing as needed. Network byte order. */
final class CopyBuffer {

    private byte[] bytes = new byte[1 << 17];
    private int length;

    int length() {
        return length;
    }

    byte[] array() {
        return bytes;
    }

    /** Forgets everything after a length seen before. */
    void truncate(int toLength) {
        length = toLength;
    }

    void putByte(int value) {
        reserve(1);
        bytes[length++] = (byte) value;
    }

    void putShort(int value) {
        reserve(2);
        bytes[length++] = (byte) (value >>> 8);
        bytes[length++] = (byte) value;
    }

    void putInt(int value) {
        reserve(4);
        writeInt(length, value);
        length += 4;
    }

    void putLong(long value) {
        putInt((int) (value >>> 32));
        putInt((int) value);
    }

    void putBytes(ByteBuffer source) {
        int count = source.remaining();
        reserve(count);
        source.duplicate().get(bytes, length, count);
        length += count;
    }

    /** Leaves room for a length that is known later. */
    int openLength() {
        putInt(0);
        return length;
    }

    /** Fills the room that {@link #openLength} left. */
    void closeLength(int start) {
        writeInt(start - 4, length - start);
    }

    /**
     * Appends text as UTF-8.
     *
     * @return why it has no UTF-8 form in PostgreSQL, or null when it was appended
     */
    @Nullable
    String putText(String text) {
        int count = text.length();
        reserve(Math.multiplyExact(count, 3));
        byte[] out = bytes;
        int at = length;
        for (int i = 0; i < count; i++) {
            char c = text.charAt(i);
            if (c == 0) {
                return "the character NUL, which PostgreSQL's text can't hold";
            } else if (c < 0x80) {
                out[at++] = (byte) c;
            } else if (c < 0x800) {
                out[at++] = (byte) (0xC0 | c >> 6);
                out[at++] = (byte) (0x80 | c & 0x3F);
            } else if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c) || i + 1 == count || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return "half of a surrogate pair, which is not a character";
                }
                int point = Character.toCodePoint(c, text.charAt(++i));
                out[at++] = (byte) (0xF0 | point >> 18);
                out[at++] = (byte) (0x80 | point >> 12 & 0x3F);
                out[at++] = (byte) (0x80 | point >> 6 & 0x3F);
                out[at++] = (byte) (0x80 | point & 0x3F);
            } else {
                out[at++] = (byte) (0xE0 | c >> 12);
                out[at++] = (byte) (0x80 | c >> 6 & 0x3F);
                out[at++] = (byte) (0x80 | c & 0x3F);
            }
        }
        length = at;
        return null;
    }

    private void writeInt(int at, int value) {
        bytes[at] = (byte) (value >>> 24);
        bytes[at + 1] = (byte) (value >>> 16);
        bytes[at + 2] = (byte) (value >>> 8);
        bytes[at + 3] = (byte) value;
    }

    private void reserve(int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.addExact(Math.max(bytes.length * 2, length), count));
        }
    }
}
