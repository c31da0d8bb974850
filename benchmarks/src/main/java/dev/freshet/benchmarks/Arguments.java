package dev.freshet.benchmarks;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The options of one run: {@code --name number}, or the defaults. */
record Arguments(Map<String, Long> values) {

    Arguments {
        values = Map.copyOf(values);
    }

    /** @throws FreshetException USER naming the known options */
    static Arguments parse(List<String> words, Map<String, Long> defaults) {
        Map<String, Long> values = new HashMap<>(defaults);
        for (int i = 0; i < words.size(); i += 2) {
            String word = words.get(i);
            String name = word.startsWith("--") ? word.substring(2) : "";
            if (!defaults.containsKey(name)) {
                throw new FreshetException(
                        ErrorKind.USER, "unknown option '" + word + "'; known are " + known(defaults));
            }
            if (i + 1 == words.size()) {
                throw new FreshetException(ErrorKind.USER, "option '" + word + "' needs a number");
            }
            values.put(name, positive(word, words.get(i + 1)));
        }
        return new Arguments(values);
    }

    private static long positive(String option, String text) {
        try {
            long value = Long.parseLong(text);
            if (value > 0) {
                return value;
            }
        } catch (NumberFormatException ignored) {
            // Said below.
        }
        throw new FreshetException(
                ErrorKind.USER, "option '" + option + "' must be a whole number above 0, not '" + text + "'");
    }

    static String known(Map<String, Long> defaults) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(defaults).forEach((name, value) -> text.append(text.isEmpty() ? "" : ", ")
                .append("--")
                .append(name)
                .append(" (default ")
                .append(value)
                .append(")"));
        return text.toString();
    }

    long get(String name) {
        Long value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name);
        }
        return value;
    }
}
