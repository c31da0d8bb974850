package dev.freshet.transform.project.manifest;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which macros a macro calls, read from its text without running it: names in front of a parenthesis, and all implementations of what it
 * dispatches.
 */
public final class MacroCalls {

    private static final Pattern CALL = Pattern.compile("(?:\\b([A-Za-z_]\\w*)\\s*\\.\\s*)?\\b([A-Za-z_]\\w*)\\s*\\(");
    private static final Pattern DISPATCH =
            Pattern.compile("\\bdispatch\\s*\\(\\s*(?:macro_name\\s*=\\s*)?['\"](\\w+)['\"]");

    private final String project;
    private final Map<String, Map<String, String>> idsByPackage = new LinkedHashMap<>();

    /** @param project whose macros come before those of other packages */
    public MacroCalls(String project) {
        this.project = project;
    }

    /** A package has a macro of this name and unique id. */
    public void add(String packageName, String name, String id) {
        idsByPackage.computeIfAbsent(packageName, key -> new LinkedHashMap<>()).put(name, id);
    }

    /** The unique ids of the macros that a macro of a package calls, in order of name. */
    public List<String> in(String packageName, String id, String text) {
        Set<String> called = new TreeSet<>();
        Matcher call = CALL.matcher(text);
        while (call.find()) {
            String of = call.group(1);
            if (of != null && idsByPackage.containsKey(of)) {
                add(called, of, call.group(2));
            } else if (of == null || of.equals("context")) {
                boolean isFound = add(called, packageName, call.group(2)) || add(called, project, call.group(2));
                if (!isFound) {
                    add(called, "dbt", call.group(2));
                }
            }
        }
        Matcher dispatch = DISPATCH.matcher(text);
        while (dispatch.find()) {
            String suffix = "__" + dispatch.group(1);
            idsByPackage
                    .values()
                    .forEach(macros -> macros.forEach((name, macro) -> {
                        if (name.endsWith(suffix)) {
                            called.add(macro);
                        }
                    }));
        }
        called.remove(id);
        return List.copyOf(called);
    }

    private boolean add(Set<String> called, String packageName, String name) {
        String id = idsByPackage.getOrDefault(packageName, Map.of()).get(name);
        if (id != null) {
            called.add(id);
        }
        return id != null;
    }
}
