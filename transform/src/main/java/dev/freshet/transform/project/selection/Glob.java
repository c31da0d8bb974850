package dev.freshet.transform.project.selection;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.nio.file.FileSystems;
import java.nio.file.PathMatcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Shell wildcards as Python's {@code fnmatch} reads them: {@code *}, {@code ?}, {@code [a-z]}, {@code [!a-z]}; a star crosses slashes. */
final class Glob {

    private Glob() {}

    static boolean isPattern(String text) {
        return text.contains("*") || text.contains("?") || text.contains("[") || text.contains("]");
    }

    /** As a shell matches paths: a star stays within one directory, two cross them. */
    static PathMatcher path(String pattern) {
        try {
            return FileSystems.getDefault()
                    .getPathMatcher("glob:" + pattern.replace("{", "\\{").replace("}", "\\}"));
        } catch (PatternSyntaxException e) {
            throw new FreshetException(
                    ErrorKind.USER, "'path:" + pattern + "' is not a path pattern: " + e.getDescription(), e);
        }
    }

    static boolean matches(String pattern, String text) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            int close = c == '[' ? pattern.indexOf(']', i + 2) : -1;
            if (c == '*') {
                regex.append(".*");
            } else if (c == '?') {
                regex.append('.');
            } else if (close > 0) {
                String set = pattern.substring(i + 1, close)
                        .replace("\\", "\\\\")
                        .replace("[", "\\[")
                        .replace("&&", "&\\&");
                regex.append('[')
                        .append(set.startsWith("!") ? "^" + set.substring(1) : set)
                        .append(']');
                i = close;
            } else {
                regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(text).matches();
    }
}
