package dev.freshet.transform.project.node;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** {@code .dbtignore}: the files of a project that are not looked at, in the patterns of {@code .gitignore}. */
record IgnoredFiles(List<Rule> rules) {

    private static final String FILE = ".dbtignore";

    /** @param isExcepted written with {@code !}: what an earlier rule ignores is looked at again */
    record Rule(Pattern pattern, boolean isExcepted) {}

    IgnoredFiles {
        rules = List.copyOf(rules);
    }

    /** Nothing when there is no such file. */
    static IgnoredFiles read(Path root) {
        Path file = root.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return new IgnoredFiles(List.of());
        }
        try {
            return of(Files.readAllLines(file));
        } catch (IOException e) {
            throw new FreshetException(ErrorKind.USER, FILE + ":1: this file can't be read: " + e.getMessage(), e);
        }
    }

    static IgnoredFiles of(List<String> lines) {
        List<Rule> rules = new ArrayList<>();
        for (String line : lines) {
            String glob = line.strip();
            if (!glob.isEmpty() && !glob.startsWith("#")) {
                boolean isExcepted = glob.startsWith("!");
                rules.add(new Rule(pattern(isExcepted ? glob.substring(1) : glob), isExcepted));
            }
        }
        return new IgnoredFiles(rules);
    }

    /** @param path below the project's root, with forward slashes; the last rule that fits decides */
    boolean contain(String path) {
        boolean isIgnored = false;
        for (Rule rule : rules) {
            if (rule.pattern().matcher(path).matches()) {
                isIgnored = !rule.isExcepted();
            }
        }
        return isIgnored;
    }

    private static Pattern pattern(String glob) {
        String name = glob.startsWith("\\") ? glob.substring(1) : glob;
        boolean isDirectory = name.endsWith("/");
        String inner = isDirectory ? name.substring(0, name.length() - 1) : name;
        // A slash at the start or in the middle ties the pattern to the root.
        StringBuilder expression = new StringBuilder(inner.contains("/") ? "" : "(?:.*/)?");
        String text = inner.startsWith("/") ? inner.substring(1) : inner;
        int at = 0;
        while (at < text.length()) {
            at = append(text, at, expression);
        }
        return Pattern.compile(expression + (isDirectory ? "/.*" : "(?:/.*)?"));
    }

    /** Where the next part of the glob begins. */
    private static int append(String glob, int at, StringBuilder expression) {
        if (glob.startsWith("**/", at)) {
            expression.append("(?:.*/)?");
            return at + 3;
        }
        if (glob.startsWith("**", at)) {
            expression.append(".*");
            return at + 2;
        }
        char letter = glob.charAt(at);
        int end = letter == '[' ? glob.indexOf(']', at + 2) : -1;
        if (end > 0) {
            String set = glob.substring(at + 1, end).replace("\\", "\\\\");
            expression
                    .append('[')
                    .append(set.startsWith("!") ? "^" + set.substring(1) : set)
                    .append(']');
            return end + 1;
        }
        switch (letter) {
            case '*' -> expression.append("[^/]*");
            case '?' -> expression.append("[^/]");
            default -> expression.append(Pattern.quote(String.valueOf(letter)));
        }
        return at + 1;
    }
}
