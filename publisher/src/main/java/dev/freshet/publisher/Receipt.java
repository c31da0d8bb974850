package dev.freshet.publisher;

import dev.freshet.state.Cut;
import dev.freshet.state.TableId;
import java.util.List;

/** What a delivery did. */
public record Receipt(Cut cut, List<TableReceipt> tables) {

    public Receipt {
        tables = List.copyOf(tables);
    }

    /** How a table was brought to the cut. */
    public enum Method {
        UNCHANGED,
        DELTA,
        COMPARISON,
        SWAP
    }

    public record TableReceipt(TableId table, Method method, long deleted, long inserted) {}
}
