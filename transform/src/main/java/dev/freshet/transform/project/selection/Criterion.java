package dev.freshet.transform.project.selection;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.graph.DependencyGraph;
import dev.freshet.transform.project.problem.NearestName;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One term of a selection: {@code 2+tag:nightly+}.
 *
 * @param method how nodes are matched, {@code fqn} when none is written and the value is a name
 * @param parents how many steps up are selected too, 0 for none
 * @param children how many steps down are selected too, 0 for none
 * @param childrensParents {@code @}: all descendants and everything they need
 */
public record Criterion(String method, String value, int parents, int children, boolean childrensParents) {

    /** The methods that are understood. */
    public static final Set<String> METHODS = Set.of("fqn", "tag", "path", "file", "source");

    private static final Pattern SYNTAX =
            Pattern.compile("(?<at>@)?((?<up>\\d*)\\+)?((?<method>[\\w.]+):)?(?<value>.*?)(\\+(?<down>\\d*))?");

    /** @throws FreshetException USER when it is not a term or its method is unknown */
    public static Criterion parse(String term) {
        Matcher match = SYNTAX.matcher(term);
        if (!match.matches() || match.group("value").isEmpty()) {
            throw mistake("'" + term + "' is not a selector: write a name, +name, name+, @name or method:value");
        }
        boolean at = match.group("at") != null;
        if (at && match.group("down") != null) {
            throw mistake(
                    "'" + term + "' has both '@' and a trailing '+': '@' already takes all descendants, drop the '+'");
        }
        String value = match.group("value");
        String method = match.group("method");
        if (method == null) {
            method = value.contains("/") || value.contains("\\") ? "path" : value.endsWith(".sql") ? "file" : "fqn";
        }
        if (!METHODS.contains(method)) {
            throw mistake("the selector method '" + method + ":' in '" + term + "' is not known"
                    + NearestName.choices(method, "the methods are", METHODS));
        }
        return new Criterion(method, value, depth(match.group("up"), term), depth(match.group("down"), term), at);
    }

    private static int depth(@Nullable String digits, String term) {
        if (digits == null) {
            return 0;
        }
        try {
            return digits.isEmpty() ? DependencyGraph.UNLIMITED : Integer.parseInt(digits);
        } catch (NumberFormatException e) {
            throw new FreshetException(ErrorKind.USER, "the depth in '" + term + "' is too large", e);
        }
    }

    private static FreshetException mistake(String message) {
        return new FreshetException(ErrorKind.USER, message);
    }
}
