package dev.freshet.transform.project.selection;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.graph.DependencyGraph;
import dev.freshet.transform.project.problem.NearestName;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One term of a selection: {@code 2+tag:nightly+}.
 *
 * @param method how nodes are matched, {@code fqn} when none is written and the value is a name
 * @param arguments what follows the method after a dot: {@code meta.owner} of {@code config.meta.owner:ada}
 * @param parents how many steps up are selected too, 0 for none
 * @param children how many steps down are selected too, 0 for none
 * @param childrensParents {@code @}: all descendants and everything they need
 * @param indirect when it differs from the command's
 */
public record Criterion(
        String method,
        List<String> arguments,
        String value,
        int parents,
        int children,
        boolean childrensParents,
        Optional<IndirectSelection> indirect) {

    /** The methods that are understood. */
    public static final Set<String> METHODS = Set.of(
            "fqn",
            "tag",
            "path",
            "file",
            "source",
            "exposure",
            "package",
            "config",
            "resource_type",
            "test_type",
            "test_name",
            "group",
            "access",
            "version",
            "unit_test",
            "state",
            "result",
            "selector");

    private static final Set<String> NOT_YET = Set.of("source_status", "metric", "semantic_model", "saved_query");

    private static final Pattern SYNTAX =
            Pattern.compile("(?<at>@)?((?<up>\\d*)\\+)?((?<method>[\\w.]+):)?(?<value>.*?)(\\+(?<down>\\d*))?");

    public Criterion {
        arguments = List.copyOf(arguments);
    }

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
        return of(
                method == null ? defaultMethod(value) : method,
                value,
                depth(match.group("up"), term),
                depth(match.group("down"), term),
                at,
                Optional.empty(),
                term);
    }

    /**
     * @param method with its arguments: {@code config.materialized}
     * @param shown how messages call the term
     */
    static Criterion of(
            String method,
            String value,
            int parents,
            int children,
            boolean childrensParents,
            Optional<IndirectSelection> indirect,
            String shown) {
        List<String> parts = Arrays.asList(method.split("\\.", -1));
        String name = parts.get(0);
        if (NOT_YET.contains(name)) {
            throw mistake("the selector method '" + name + ":' in '" + shown + "' is dbt's and not supported yet"
                    + NearestName.choices("", "the methods are", METHODS));
        }
        if (!METHODS.contains(name)) {
            throw mistake("the selector method '" + name + ":' in '" + shown + "' is not known"
                    + NearestName.choices(name, "the methods are", METHODS));
        }
        List<String> arguments = parts.subList(1, parts.size());
        if (name.equals("config") == arguments.isEmpty()) {
            throw mistake(
                    name.equals("config")
                            ? "'" + shown + "' does not say which setting: write config.materialized:table"
                            : "the selector method '" + method + ":' in '" + shown + "' is not known: '" + name
                                    + ":' has no parts");
        }
        return new Criterion(name, arguments, value, parents, children, childrensParents, indirect);
    }

    private static String defaultMethod(String value) {
        if (value.contains("/") || value.contains("\\")) {
            return "path";
        }
        String lower = value.toLowerCase(Locale.ROOT);
        return lower.endsWith(".sql") || lower.endsWith(".py") || lower.endsWith(".csv") ? "file" : "fqn";
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

    /** Without its graph operators: {@code tag:nightly}. */
    @Override
    public String toString() {
        String written = arguments.isEmpty() ? method : method + "." + String.join(".", arguments);
        return written + ":" + value;
    }
}
