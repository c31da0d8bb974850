package dev.freshet.publisher;

import dev.freshet.state.Cut;
import dev.freshet.state.TableId;
import java.util.List;
import java.util.Optional;

/** What a delivery did. */
public record Receipt(Cut cut, List<TableReceipt> tables) {

    public Receipt {
        tables = List.copyOf(tables);
    }

    /** Rows deleted and inserted, over all tables. */
    public long rows() {
        return tables.stream()
                .mapToLong(table -> table.deleted() + table.inserted())
                .sum();
    }

    /** How a table was brought to the cut. */
    public enum Method {
        /** Its rows had not changed since the ledger's cut. */
        UNCHANGED,
        /** The net change since the ledger's cut was applied. */
        DELTA,
        /** Its whole contents were compared and the difference was applied. */
        COMPARISON,
        /** It did not exist. */
        CREATION,
        /** It was built anew beside the old one, which it then replaced. */
        SWAP,
        /** Its whole contents were told anew to readers of a log. */
        RESTATEMENT,
        /** It was left as it was, for the reason in {@link TableReceipt#problem}. */
        HELD
    }

    /**
     * @param deleted rows deleted from the target's table
     * @param inserted rows inserted into it
     * @param quarantined rows left out because the target can't hold one of their values
     * @param problem why the table was held, or which column's values were refused, and what to do
     */
    public record TableReceipt(
            TableId table, Method method, long deleted, long inserted, long quarantined, Optional<String> problem) {

        public static TableReceipt unchanged(TableId table) {
            return new TableReceipt(table, Method.UNCHANGED, 0, 0, 0, Optional.empty());
        }

        public static TableReceipt held(TableId table, String reason) {
            return new TableReceipt(table, Method.HELD, 0, 0, 0, Optional.of(reason));
        }
    }
}
