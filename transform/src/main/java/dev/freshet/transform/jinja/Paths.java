package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** What the {@code attribute=} arguments of filters name: {@code 'a.b.0'}, or an index. */
final class Paths {

    private Paths() {}

    static UnaryOperator<Object> reader(Object path, UndefinedPolicy policy) {
        return reader(path, None.NONE, policy);
    }

    /** @param otherwise what stands for a missing attribute, None for nothing */
    static UnaryOperator<Object> reader(Object path, Object otherwise, UndefinedPolicy policy) {
        List<Object> parts = parts(path);
        return item -> {
            Object value = item;
            for (Object part : parts) {
                value = Members.item(value, part, policy);
                if (value instanceof Undefined && otherwise != None.NONE) {
                    value = otherwise;
                }
            }
            return value;
        };
    }

    /** Several paths separated by commas, read as a list. */
    static UnaryOperator<Object> multipleReader(
            Object path, UnaryOperator<Object> postprocess, UndefinedPolicy policy) {
        List<UnaryOperator<Object>> readers = new ArrayList<>();
        if (path instanceof String text) {
            Splitting.split(text, ",", Integer.MAX_VALUE).forEach(part -> readers.add(reader(part, policy)));
        } else {
            readers.add(reader(path, policy));
        }
        return item -> {
            List<Object> values = new ArrayList<>(readers.size());
            readers.forEach(reader -> values.add(postprocess.apply(reader.apply(item))));
            return values;
        };
    }

    private static List<Object> parts(Object path) {
        if (path == None.NONE) {
            return List.of();
        }
        if (!(path instanceof String text)) {
            return List.of(path);
        }
        List<Object> parts = new ArrayList<>();
        for (Object part : Splitting.split(text, ".", Integer.MAX_VALUE)) {
            String name = (String) part;
            boolean isIndex =
                    !name.isEmpty() && name.length() < 10 && name.chars().allMatch(Character::isDigit);
            parts.add(isIndex ? (Object) Long.valueOf(name) : name);
        }
        return parts;
    }

    static Object ignoreCase(Object value) {
        return value instanceof String text ? text.toLowerCase(Locale.ROOT) : value;
    }

    static UnaryOperator<Object> caseRule(boolean caseSensitive) {
        return caseSensitive ? UnaryOperator.identity() : Paths::ignoreCase;
    }
}
