package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.List;

/** Strings as Python indexes them: by code point. */
final class CodePoints {

    private CodePoints() {}

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** {@code start} and {@code end} lie within the length. */
    static String substring(String text, int start, int end) {
        if (isPlain(text)) {
            return text.substring(start, end);
        }
        int from = text.offsetByCodePoints(0, start);
        return text.substring(from, text.offsetByCodePoints(from, end - start));
    }

    static String at(String text, int index) {
        return substring(text, index, index + 1);
    }

    static List<Object> list(String text) {
        List<Object> characters = new ArrayList<>(text.length());
        text.codePoints().forEach(point -> characters.add(Character.toString(point)));
        return characters;
    }

    static String reversed(String text) {
        return new StringBuilder(text).reverse().toString();
    }

    /** The index by code point of an index by char, which may be -1. */
    static int index(String text, int charIndex) {
        return charIndex < 0 ? -1 : text.codePointCount(0, charIndex);
    }

    static int compare(String left, String right) {
        int i = 0;
        while (i < left.length() && i < right.length()) {
            int a = left.codePointAt(i);
            int b = right.codePointAt(i);
            if (a != b) {
                return Integer.compare(a, b);
            }
            i += Character.charCount(a);
        }
        return Integer.compare(left.length(), right.length());
    }

    /** Python's {@code str.isspace} of one character. */
    static boolean isSpace(int point) {
        return (point >= 9 && point <= 13)
                || (point >= 0x1c && point <= 0x20)
                || point == 0x85
                || point == 0xa0
                || (point > 0xa0 && Character.isSpaceChar(point));
    }
}
