package dev.freshet.state.duckdb.sql;

import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.ListOf;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.StateNames;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The identity of a row's values in 128 bits, as SQL over columns of their declared types. It says whether an update changed anything and
 * which rows of a bag are equal.
 *
 * <p>What is hashed is an encoding from which the row could be read back, so different rows never encode alike: {@link #VERSION}, then for
 * each column that is not NULL its index, a letter for the kind of type and the value as text, ended by {@code ;} which no such text
 * contains. Values that may contain anything (text, JSON) are preceded by their length in bytes instead; lists by their number of elements,
 * each encoded the same way, NULL as {@code N}. A NULL column adds nothing, so a column added at the end leaves the hashes of older rows true.
 * -0.0 and 0.0 differ, every NaN is the same.
 *
 * <p>The function is SHA-256, cut to its first 128 bits. MD5 would save 0.25 of 0.67 microseconds a row (1M rows of 8 columns, 2 cores), but
 * equal MD5s can be made on purpose by anyone who may write to the source, and such an update would be lost. DuckDB's own {@code hash} is 64
 * bits and may change with its version.
 */
public final class RowHash {

    static final int VERSION = 1;

    private RowHash() {}

    /** A UHUGEINT, never NULL. */
    public static String sql(List<Column> columns) {
        String parts = IntStream.range(0, columns.size())
                .mapToObj(i -> "'" + i + "' || "
                        + encode(
                                StateNames.quote(columns.get(i).name()),
                                columns.get(i).type(),
                                0))
                .collect(Collectors.joining(", "));
        return "('0x' || left(sha256(concat('" + VERSION + "#', " + parts + ")), 32))::UHUGEINT";
    }

    /** The encoding of a value, NULL for NULL. */
    private static String encode(String value, DataType type, int depth) {
        if (type instanceof ListOf list) {
            String element = "e" + depth;
            return "'l' || len(" + value + ") || '[' || array_to_string(list_transform(" + value + ", lambda " + element
                    + ": coalesce(" + encode(element, list.element(), depth + 1) + ", 'N')), '')";
        }
        if (type == Simple.VARCHAR || type == Simple.JSON) {
            String text = type == Simple.JSON ? value + "::VARCHAR" : value;
            return "'" + letter(type) + "' || strlen(" + text + ") || ':' || " + text;
        }
        String text = type == Simple.BLOB ? "to_base64(" + value + ")" : value + "::VARCHAR";
        if (type == Simple.REAL || type == Simple.DOUBLE) {
            // The text of a NaN tells its sign bit.
            text = "CASE WHEN isnan(" + value + ") THEN 'nan' ELSE " + text + " END";
        }
        return "'" + letter(type) + "' || " + text + " || ';'";
    }

    private static char letter(DataType type) {
        if (type instanceof Simple simple) {
            return switch (simple) {
                case BOOLEAN -> 'B';
                case SMALLINT, INTEGER, BIGINT, HUGEINT -> 'I';
                case REAL -> 'f';
                case DOUBLE -> 'F';
                case VARCHAR -> 's';
                case JSON -> 'j';
                case BLOB -> 'b';
                case DATE -> 'd';
                case TIME -> 't';
                case TIMESTAMP -> 'T';
                case TIMESTAMPTZ -> 'Z';
                case INTERVAL -> 'V';
                case UUID -> 'u';
            };
        }
        return type instanceof Decimal ? 'D' : 'l';
    }
}
