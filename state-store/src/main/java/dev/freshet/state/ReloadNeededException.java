package dev.freshet.state;

/**
 * A mirror can't be brought forward from the staged changes alone: a value that the source did not send is nowhere to be found, or a change
 * speaks of a row that the mirror does not hold. Loading the table again mends it, so a caller branches on this. Nothing was changed.
 */
public final class ReloadNeededException extends FreshetException {

    private final TableId table;

    public ReloadNeededException(TableId table, String reason) {
        super(
                ErrorKind.RETRYABLE,
                "table '" + table + "' must be loaded again: " + reason + ". Freshet does so by itself under `serve`");
        this.table = table;
    }

    public TableId table() {
        return table;
    }
}
