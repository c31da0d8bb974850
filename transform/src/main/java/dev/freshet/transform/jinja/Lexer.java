package dev.freshet.transform.jinja;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Splits a template into tokens, as Jinja2 does with its default delimiters: no trimming of blocks, one trailing newline removed. */
final class Lexer {

    private static final Pattern RAW_BEGIN =
            Pattern.compile("\\{%([-+]?)\\s*raw\\s*(?:-%}\\s*|%})", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern RAW_END =
            Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(?:\\+%}|-%}\\s*|%})", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern COMMENT_END = Pattern.compile("\\+#}|-#}\\s*|#}", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern BLOCK_END = Pattern.compile("\\+%}|-%}\\s*|%}", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern VARIABLE_END = Pattern.compile("-}}\\s*|}}", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern FLOAT =
            Pattern.compile("(?<!\\.)(\\d+_)*\\d+((\\.(\\d+_)*\\d+)?[eE][+\\-]?(\\d+_)*\\d+|\\.(\\d+_)*\\d+)");
    private static final Pattern INTEGER =
            Pattern.compile("0[bB](_?[01])+|0[oO](_?[0-7])+|0[xX](_?[\\da-fA-F])+|[1-9](_?\\d)*|0(_?0)*");
    private static final Pattern NAME = Pattern.compile("[\\w\\d]+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern STRING =
            Pattern.compile("'(?:[^'\\\\]|\\\\.)*+'|\"(?:[^\"\\\\]|\\\\.)*+\"", Pattern.DOTALL);
    private static final List<TokenType> OPERATORS = List.of(
            TokenType.FLOOR_DIVIDE,
            TokenType.POWER,
            TokenType.EQUAL,
            TokenType.NOT_EQUAL,
            TokenType.GREATER_OR_EQUAL,
            TokenType.LESS_OR_EQUAL,
            TokenType.ADD,
            TokenType.SUBTRACT,
            TokenType.DIVIDE,
            TokenType.MULTIPLY,
            TokenType.MODULO,
            TokenType.TILDE,
            TokenType.LEFT_BRACKET,
            TokenType.RIGHT_BRACKET,
            TokenType.LEFT_PARENTHESIS,
            TokenType.RIGHT_PARENTHESIS,
            TokenType.LEFT_BRACE,
            TokenType.RIGHT_BRACE,
            TokenType.GREATER,
            TokenType.LESS,
            TokenType.ASSIGN,
            TokenType.DOT,
            TokenType.COLON,
            TokenType.PIPE,
            TokenType.COMMA,
            TokenType.SEMICOLON);

    private final String file;
    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int position;
    private int countedTo;
    private int lines = 1;

    Lexer(String file, String template) {
        this.file = file;
        String unified = template.replace("\r\n", "\n").replace('\r', '\n');
        this.source = unified.endsWith("\n") ? unified.substring(0, unified.length() - 1) : unified;
    }

    /** The template with unified line ends: what the tokens' positions count in. */
    String source() {
        return source;
    }

    List<Token> tokens() {
        while (position < source.length()) {
            readData();
        }
        add(TokenType.END, "", position, position);
        return tokens;
    }

    private void readData() {
        int tag = nextTag();
        if (tag < 0) {
            addData(position, source.length());
            position = source.length();
            return;
        }
        char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
        int dataEnd = sign == '-' ? strippedEnd(tag) : tag;
        addData(position, dataEnd);
        int afterSign = tag + (sign == '-' || sign == '+' ? 3 : 2);
        switch (source.charAt(tag + 1)) {
            case '#' -> readComment(tag, afterSign);
            case '{' -> readExpression(tag, afterSign, TokenType.VARIABLE_BEGIN, TokenType.VARIABLE_END, VARIABLE_END);
            default -> {
                Matcher raw = matcher(RAW_BEGIN, tag);
                if (raw.lookingAt()) {
                    readRaw(tag, raw.end());
                } else {
                    readExpression(tag, afterSign, TokenType.BLOCK_BEGIN, TokenType.BLOCK_END, BLOCK_END);
                }
            }
        }
    }

    private int nextTag() {
        for (int at = source.indexOf('{', position);
                at >= 0 && at + 1 < source.length();
                at = source.indexOf('{', at + 1)) {
            char next = source.charAt(at + 1);
            if (next == '{' || next == '%' || next == '#') {
                return at;
            }
        }
        return -1;
    }

    private int strippedEnd(int end) {
        int stripped = end;
        while (stripped > position && CodePoints.isSpace(source.charAt(stripped - 1))) {
            stripped--;
        }
        return stripped;
    }

    private void addData(int start, int end) {
        if (end > start) {
            add(TokenType.DATA, source.substring(start, end), start, end);
        }
    }

    private void readComment(int tag, int contents) {
        Matcher end = matcher(COMMENT_END, contents);
        if (!end.find()) {
            throw error(tag, "the comment '{#' is never closed with '#}'");
        }
        position = end.end();
    }

    private void readRaw(int tag, int contents) {
        Matcher end = matcher(RAW_END, contents);
        if (!end.find()) {
            throw error(tag, "the block 'raw' is never closed with '{% endraw %}'");
        }
        position = contents;
        int stop = end.group(1).equals("-") ? strippedEnd(end.start()) : end.start();
        addData(contents, stop);
        position = end.end();
    }

    private void readExpression(int tag, int contents, TokenType begin, TokenType endType, Pattern endPattern) {
        add(begin, begin.text(), tag, contents);
        position = contents;
        Deque<TokenType> open = new ArrayDeque<>();
        while (position < source.length()) {
            if (open.isEmpty()) {
                Matcher end = matcher(endPattern, position);
                if (end.lookingAt()) {
                    // Where the tag itself ends; the whitespace after '-' belongs to no token.
                    int tagEnd = source.indexOf('}', position) + (endType == TokenType.VARIABLE_END ? 2 : 1);
                    add(endType, endType.text(), position, tagEnd);
                    position = end.end();
                    return;
                }
            }
            if (CodePoints.isSpace(source.charAt(position))) {
                position++;
            } else {
                readToken(open);
            }
        }
        // The parser says what was expected.
    }

    private void readToken(Deque<TokenType> open) {
        int start = position;
        Matcher number = matcher(FLOAT, start).useTransparentBounds(true);
        if (number.lookingAt()) {
            add(TokenType.FLOAT, Double.valueOf(number.group().replace("_", "")), start, number.end());
        } else if ((number = matcher(INTEGER, start)).lookingAt()) {
            add(TokenType.INTEGER, integer(number.group()), start, number.end());
        } else if ((number = matcher(NAME, start)).lookingAt()) {
            if (Character.isDigit(source.charAt(start))) {
                throw error(start, "'" + number.group() + "' is neither a number nor a name");
            }
            add(TokenType.NAME, number.group(), start, number.end());
        } else if ((number = matcher(STRING, start)).lookingAt()) {
            add(TokenType.STRING, unescaped(source.substring(start + 1, number.end() - 1), start), start, number.end());
        } else {
            readOperator(open);
            return;
        }
        position = number.end();
    }

    private void readOperator(Deque<TokenType> open) {
        for (TokenType operator : OPERATORS) {
            if (!source.startsWith(operator.text(), position)) {
                continue;
            }
            switch (operator) {
                case LEFT_BRACE -> open.push(TokenType.RIGHT_BRACE);
                case LEFT_BRACKET -> open.push(TokenType.RIGHT_BRACKET);
                case LEFT_PARENTHESIS -> open.push(TokenType.RIGHT_PARENTHESIS);
                case RIGHT_BRACE, RIGHT_BRACKET, RIGHT_PARENTHESIS -> {
                    if (open.isEmpty()) {
                        throw error(position, "unexpected '" + operator.text() + "'");
                    }
                    TokenType expected = open.pop();
                    if (expected != operator) {
                        throw error(
                                position, "unexpected '" + operator.text() + "', expected '" + expected.text() + "'");
                    }
                }
                default -> {}
            }
            add(operator, operator.text(), position, position + operator.text().length());
            position += operator.text().length();
            return;
        }
        char character = source.charAt(position);
        throw error(
                position,
                character == '\'' || character == '"'
                        ? "a string is never closed"
                        : "unexpected character '" + Character.toString(source.codePointAt(position)) + "'");
    }

    private static Object integer(String digits) {
        String plain = digits.replace("_", "").toLowerCase(Locale.ROOT);
        if (plain.startsWith("0x")) {
            return Numbers.normalized(new BigInteger(plain.substring(2), 16));
        }
        if (plain.startsWith("0o")) {
            return Numbers.normalized(new BigInteger(plain.substring(2), 8));
        }
        if (plain.startsWith("0b")) {
            return Numbers.normalized(new BigInteger(plain.substring(2), 2));
        }
        return Numbers.normalized(new BigInteger(plain));
    }

    private String unescaped(String text, int start) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character != '\\') {
                out.append(character);
                continue;
            }
            char code = text.charAt(++i);
            int simple = "\\'\"abfnrtv".indexOf(code);
            if (code == '\n') {
                continue;
            } else if (simple >= 0) {
                out.append("\\'\"\u0007\b\f\n\r\t\u000b".charAt(simple));
            } else if (code == 'x' || code == 'u' || code == 'U') {
                int digits = code == 'x' ? 2 : code == 'u' ? 4 : 8;
                out.appendCodePoint(hexadecimal(text, i + 1, digits, start));
                i += digits;
            } else if (code >= '0' && code <= '7') {
                int end = i + 1;
                while (end < text.length() && end < i + 3 && text.charAt(end) >= '0' && text.charAt(end) <= '7') {
                    end++;
                }
                out.append((char) Integer.parseInt(text.substring(i, end), 8));
                i = end - 1;
            } else {
                out.append('\\').append(code);
            }
        }
        return out.toString();
    }

    private int hexadecimal(String text, int from, int digits, int start) {
        if (from + digits <= text.length()) {
            String code = text.substring(from, from + digits);
            if (code.chars().allMatch(digit -> Character.digit(digit, 16) >= 0)) {
                long point = Long.parseLong(code, 16);
                if (point <= Character.MAX_CODE_POINT) {
                    return (int) point;
                }
            }
        }
        throw error(start, "a string holds an incomplete escape; a backslash itself is written '\\\\'");
    }

    private Matcher matcher(Pattern pattern, int from) {
        return pattern.matcher(source).region(from, source.length());
    }

    private void add(TokenType type, Object value, int start, int end) {
        tokens.add(new Token(type, value, line(start), start, end));
    }

    /** Counts on from the last call where it can, so that a template is counted once. */
    private int line(int offset) {
        if (offset < countedTo) {
            countedTo = 0;
            lines = 1;
        }
        for (; countedTo < offset; countedTo++) {
            if (source.charAt(countedTo) == '\n') {
                lines++;
            }
        }
        return lines;
    }

    private JinjaException error(int offset, String what) {
        return new JinjaException(new SourceLocation(file, line(offset)), what);
    }
}
