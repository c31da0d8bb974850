package dev.freshet.transform.project.config;

import java.util.List;

/**
 * A file of properties.
 *
 * @param original relative to its package
 * @param path relative to the searched directory, such as {@code models}
 * @param directories below the searched directory
 */
public record PropertiesFile(String original, String path, List<String> directories) {

    public PropertiesFile {
        directories = List.copyOf(directories);
    }
}
