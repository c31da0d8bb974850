package dev.freshet.transform.project.database;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All rows of a query.
 *
 * @param status what the database says about the statement, {@code SELECT 3}
 * @param types the database's names of the columns' types
 * @param rows Boolean, Long, BigInteger, BigDecimal, Double, String, LocalDate, LocalDateTime, OffsetDateTime or null
 */
public record QueryResult(String status, List<String> columns, List<String> types, List<List<@Nullable Object>> rows) {

    public QueryResult {
        columns = List.copyOf(columns);
        types = List.copyOf(types);
        rows = List.copyOf(rows);
    }
}
