package dev.freshet.publisher;

import dev.freshet.state.RowPart;
import dev.freshet.state.TableId;
import java.util.Optional;

/**
 * Rows of a table that are to be made equal to the model's whatever the table holds: someone may have changed them by hand.
 *
 * @param part empty for all of them
 */
public record Repair(TableId table, Optional<RowPart> part) {}
