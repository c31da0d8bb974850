package dev.freshet.state;

/** A table's changes can't be applied to what the state store holds of it: it must be read from the source anew. A caller branches on this. */
public final class ReloadNeededException extends FreshetException {

    private final TableId table;

    public ReloadNeededException(TableId table, String message) {
        super(ErrorKind.RETRYABLE, message);
        this.table = table;
    }

    public TableId table() {
        return table;
    }
}
