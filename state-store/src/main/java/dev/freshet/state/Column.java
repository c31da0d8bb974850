package dev.freshet.state;

/** A column: its name exactly as the database spells it, and its type. */
public record Column(String name, DataType type) {

    public Column {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a column needs a name");
        }
    }
}
