package dev.freshet.transform.jinja;

/**
 * A place in a template.
 *
 * @param file relative to the project
 * @param line counted from 1
 */
public record SourceLocation(String file, int line) {

    @Override
    public String toString() {
        return file + ":" + line;
    }
}
