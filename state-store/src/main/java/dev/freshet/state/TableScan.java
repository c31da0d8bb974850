package dev.freshet.state;

import java.util.List;

/**
 * What queries need of a source table. Reading more than that changes no result.
 *
 * @param columns in the table's order, at least one
 * @param conditions all of them hold for every row that is needed
 */
public record TableScan(TableId table, List<String> columns, List<ColumnCondition> conditions) {

    public TableScan {
        columns = List.copyOf(columns);
        conditions = List.copyOf(conditions);
    }
}
