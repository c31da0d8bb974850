package dev.freshet.publisher;

import dev.freshet.state.Cut;
import dev.freshet.state.TableId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    /** This delivery and another one to the same cut as one: what the first did to a table that the other found as it should be counts. */
    public Receipt followedBy(Receipt later) {
        Map<TableId, TableReceipt> all = new LinkedHashMap<>();
        tables.forEach(table -> all.put(table.table(), table));
        later.tables.forEach(table -> all.merge(table.table(), table, TableReceipt::followedBy));
        return new Receipt(later.cut, List.copyOf(all.values()));
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

        private TableReceipt followedBy(TableReceipt later) {
            return new TableReceipt(
                    table,
                    later.method == Method.UNCHANGED ? method : later.method,
                    deleted + later.deleted,
                    inserted + later.inserted,
                    quarantined + later.quarantined,
                    later.method == Method.UNCHANGED ? problem : later.problem);
        }

        public static TableReceipt held(TableId table, String reason) {
            return new TableReceipt(table, Method.HELD, 0, 0, 0, Optional.of(reason));
        }
    }
}
