package dev.freshet.state;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One output of a profile as the user wrote it, rendered: a name, a {@code type} (the id of a source, target or dialect plug-in) and its
 * settings. Prints without its secrets.
 */
public record Connection(String name, String type, Map<String, String> settings) {

    public Connection {
        settings = Map.copyOf(new TreeMap<>(settings));
    }

    public Optional<String> setting(String key) {
        return Optional.ofNullable(settings.get(key));
    }

    /** A setting that must be there. */
    public String require(String key) {
        String value = settings.get(key);
        if (value == null || value.isEmpty()) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "output '" + name + "' of type '" + type + "' needs '" + key + "': add it in profiles.yml");
        }
        return value;
    }

    public int integer(String key, int fallback) {
        String value = settings.get(key);
        if (value == null || value.isEmpty()) {
            return fallback;
        }
        try {
            return Integer.parseInt(value.trim());
        } catch (NumberFormatException e) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "output '" + name + "': '" + key + "' must be a whole number, not '" + value + "'",
                    e);
        }
    }

    /** Name and type only: settings hold secrets. */
    @Override
    public String toString() {
        return name + " (" + type + ")";
    }
}
