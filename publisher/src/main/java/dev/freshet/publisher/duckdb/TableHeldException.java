package dev.freshet.publisher.duckdb;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import org.jspecify.annotations.Nullable;

/** A table can't be brought to the cut for a reason of its own. DuckDB has no savepoints: the others are delivered by another attempt. */
final class TableHeldException extends FreshetException {

    private static final long serialVersionUID = 1L;

    private final transient TableId table;

    TableHeldException(TableId table, String message, @Nullable Throwable cause) {
        super(ErrorKind.TARGET, message, cause);
        this.table = table;
    }

    TableId table() {
        return table;
    }
}
