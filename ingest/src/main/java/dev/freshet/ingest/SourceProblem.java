package dev.freshet.ingest;

import java.util.List;

/**
 * Something that keeps a source from being captured.
 *
 * @param message what is wrong, with the object in quotes
 * @param statements what mends it, to paste in the source's database as somebody who may; empty when no statement does
 */
public record SourceProblem(String message, List<String> statements) {

    public SourceProblem {
        statements = List.copyOf(statements);
    }

    /** One that no statement mends: the message says what to do. */
    public static SourceProblem of(String message) {
        return new SourceProblem(message, List.of());
    }

    /** The message with its remedy, for an error. */
    public String text() {
        return statements.isEmpty() ? message : message + ": run  " + String.join("; ", statements);
    }
}
