package dev.freshet.state;

import java.util.Optional;

/**
 * What a state store knows of a maintained model.
 *
 * @param changedAt the number of the cut at which its rows last changed
 * @param maintainedAt the cut its rows are true for: the snapshot's own, or an older one while the model is held
 * @param held why it is held, if it is
 */
public record StoredOutput(
        TableId model, TableSchema schema, long rows, long changedAt, Cut maintainedAt, Optional<String> held) {}
