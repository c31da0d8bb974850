package dev.freshet.state;

/**
 * A comparison of a column with a constant, which every row that is needed fulfils.
 *
 * @param operator {@code =}, {@code <}, {@code >}, {@code <=}, {@code >=}, {@code IS NULL} or {@code IS NOT NULL}
 * @param value the constant's text without quotes, as DuckDB prints it; empty for the last two operators
 */
public record ColumnCondition(String column, DataType type, String operator, String value) {}
