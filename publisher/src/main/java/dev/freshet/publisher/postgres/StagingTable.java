package dev.freshet.publisher.postgres;

import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.RowPart;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A temporary table of changed rows, and the statements that apply it. Its columns are {@code c0, c1, …} in the comparable types of the
 * target's columns, then {@code copies}: how many the target shall hold, 0 for a row that left; of a bag's change, how many more or fewer.
 *
 * <p>The server knows nothing about what has just been staged and takes it for many rows. Where it is read it is therefore limited to as many as there are.
 */
record StagingTable(String name, TableSchema schema) {

    static final String COPIES = "copies";

    String relation() {
        return "pg_temp." + name;
    }

    String creation() {
        return "create temporary table " + name + " (" + columnDefinitions() + ", " + COPIES
                + " bigint not null) on commit delete rows";
    }

    /** A table like it without {@code copies}, for whole contents; gone at the transaction's end. */
    String contentsCreation(String contents) {
        return "create temporary table " + contents + " (" + columnDefinitions() + ") on commit drop";
    }

    private String columnDefinitions() {
        return join(i -> "c" + i + " "
                + PostgresTypes.sqlType(PostgresTypes.comparable(column(i).type())));
    }

    /**
     * Deletes the target's rows whose key was staged. Equality leaves NULL keys out and can use an index or a hash; each combination of
     * NULL key columns that was staged has a statement of its own.
     *
     * @param nullPatterns the combinations, as sets of positions within the key
     * @param rows how many were staged
     */
    List<String> deletesByKey(TableId table, List<BitSet> nullPatterns, long rows) {
        List<String> statements = new ArrayList<>();
        statements.add(deleteByKey(table, new BitSet(), rows));
        nullPatterns.forEach(pattern -> statements.add(deleteByKey(table, pattern, rows)));
        return statements;
    }

    private String deleteByKey(TableId table, BitSet nulls, long rows) {
        List<String> keys = new ArrayList<>();
        List<String> conditions = new ArrayList<>();
        boolean exact = true;
        for (int k = 0; k < schema.key().size(); k++) {
            int i = schema.indexOf(schema.key().get(k));
            keys.add("c" + i);
            if (nulls.get(k)) {
                conditions.add(quoted(i) + " is null and s.c" + i + " is null");
            } else {
                conditions.add(compared(i) + " = s.c" + i);
            }
            if (!nulls.get(k) && PostgresTypes.equalsTooMuch(column(i).type())) {
                conditions.add(exact(compared(i), i) + " = " + exact("s.c" + i, i));
                exact = false;
            }
        }
        // A changed row was staged twice, as it left and as it came: looking its key up once is enough. DISTINCT would
        // take different intervals for one.
        return "delete from " + Identifier.quote(table) + " t using (select " + (exact ? "distinct " : "")
                + String.join(", ", keys) + " from " + relation() + " limit " + rows + ") s where "
                + String.join(" and ", conditions);
    }

    /** Deletes every row of the target that equals a staged one: found by hash, then compared column by column, NULL equal to NULL. */
    String deleteByValue(TableId table) {
        return "delete from " + Identifier.quote(table) + " t using " + relation() + " s where " + isStaged();
    }

    /** Whether the row {@code t} equals the staged one {@code s}. */
    private String isStaged() {
        return rowHash(join(this::compared)) + " = " + rowHash(join(i -> "s.c" + i)) + " and "
                + IntStream.range(0, schema.columns().size())
                        .mapToObj(i -> exact(compared(i), i) + " is not distinct from " + exact("s.c" + i, i))
                        .collect(Collectors.joining(" and "));
    }

    /**
     * Deletes as many rows of the target as a bag's change takes from each value, whichever of the equal ones.
     *
     * @param rows how many were staged
     * @param copies how many leave, or more
     */
    String deleteCopies(TableId table, long rows, long copies) {
        return "delete from " + Identifier.quote(table) + " t using (select found.part, found.place from (" + net("<")
                + " limit " + rows + ") s cross join lateral (select t.tableoid as part, t.ctid as place from "
                + Identifier.quote(table) + " t where " + isStaged() + " limit -s." + COPIES + ") found limit " + copies
                + ") leaving where t.ctid = leaving.place and t.tableoid = leaving.part";
    }

    /** How many rows {@link #deleteCopies} deletes, if all of them are there. */
    String copiesToDelete() {
        return "select coalesce(-sum(" + COPIES + "), 0)::bigint from (" + net("<") + ") leaving";
    }

    /** Inserts as many rows as a bag's change adds of each value. */
    String insertNewCopies(TableId table) {
        return insert(table, "(" + net(">") + ")") + " cross join lateral generate_series(1, s." + COPIES + ")";
    }

    /** A bag's change value by value: values that the target takes for one may have been staged apart. */
    private String net(String sign) {
        return "select " + join(this::shown) + ", sum(" + COPIES + ")::bigint as " + COPIES + " from " + relation()
                + " group by " + join(i -> exact("c" + i, i)) + " having sum(" + COPIES + ") " + sign + " 0";
    }

    /** A staged value, where rows are grouped by their values. */
    private String shown(int i) {
        String name = "c" + i;
        return PostgresTypes.equalsTooMuch(column(i).type()) ? "min(" + name + ") as " + name : name;
    }

    /** Inserts the staged rows that are to be there once. */
    String insertOnce(TableId table) {
        return insert(table, relation()) + " where s." + COPIES + " > 0";
    }

    /** Inserts the staged rows, each as often as it is to be there. */
    String insertCopies(TableId table) {
        return insert(table, relation()) + " cross join lateral generate_series(1, s." + COPIES + ")";
    }

    private String insert(TableId table, String staged) {
        return "insert into " + Identifier.quote(table) + " ("
                + join(i -> Identifier.quote(column(i).name())) + ") select "
                + join(i -> PostgresTypes.insertable("s.c" + i, column(i).type())) + " from " + staged + " s";
    }

    /**
     * Stages every row value of which the target holds another number of copies than {@code contents}. Grouping takes NULL as equal to NULL.
     *
     * @param part the target's rows to compare; empty for all
     */
    String difference(TableId table, String contents, Optional<RowPart> part) {
        String columns = join(i -> "c" + i);
        return "insert into " + relation() + " select " + join(this::shown) + ", sum(desired) from (select "
                + join(i -> compared(i) + " as c" + i) + ", 0 as desired, 1 as present from "
                + Identifier.quote(table) + " t"
                + part.map(chosen -> " where " + condition(chosen)).orElse("") + " union all select " + columns
                + ", 1, 0 from " + contents
                + ") both_sides group by " + join(i -> exact("c" + i, i)) + " having sum(desired) <> sum(present)";
    }

    private String condition(RowPart part) {
        if (part instanceof RowPart.Period period) {
            DataType type = column(schema.indexOf(period.column())).type();
            String column = "t." + Identifier.quote(period.column());
            return column + " >= " + time(period.from(), type) + " and " + column + " < " + time(period.to(), type);
        }
        RowPart.Values chosen = (RowPart.Values) part;
        List<String> types = chosen.columns().stream()
                .map(name -> PostgresTypes.sqlType(column(schema.indexOf(name)).type()))
                .toList();
        return chosen.columns().stream()
                        .map(name -> "t." + Identifier.quote(name))
                        .collect(Collectors.joining(", ", "(", ")"))
                + " in ("
                + chosen.values().stream()
                        .map(values -> IntStream.range(0, values.size())
                                .mapToObj(i -> Identifier.literal(values.get(i)) + "::" + types.get(i))
                                .collect(Collectors.joining(", ", "(", ")")))
                        .collect(Collectors.joining(", "))
                + ")";
    }

    private static String time(Instant time, DataType type) {
        return type == DataType.Simple.TIMESTAMPTZ
                ? Identifier.literal(time.toString()) + "::timestamptz"
                : Identifier.literal(
                                LocalDateTime.ofInstant(time, ZoneOffset.UTC).toString()) + "::timestamp";
    }

    /** The index that finds the rows of a delta: by key, or by row hash where there is no key. */
    String indexExpression() {
        if (schema.isKeyed()) {
            return schema.key().stream()
                    .map(name -> {
                        Column column = schema.columns().get(schema.indexOf(name));
                        String expression = PostgresTypes.comparable(Identifier.quote(name), column.type());
                        return expression.equals(Identifier.quote(name)) ? expression : "(" + expression + ")";
                    })
                    .collect(Collectors.joining(", "));
        }
        return rowHash(join(i -> PostgresTypes.comparable(
                Identifier.quote(column(i).name()), column(i).type())));
    }

    private static String rowHash(String columns) {
        return "hash_record_extended(row(" + columns + "), 0)";
    }

    private String compared(int i) {
        return PostgresTypes.comparable(quoted(i), column(i).type());
    }

    private String exact(String comparable, int i) {
        return PostgresTypes.exact(comparable, column(i).type());
    }

    private String quoted(int i) {
        return "t." + Identifier.quote(column(i).name());
    }

    private Column column(int i) {
        return schema.columns().get(i);
    }

    private String join(java.util.function.IntFunction<String> each) {
        return IntStream.range(0, schema.columns().size()).mapToObj(each).collect(Collectors.joining(", "));
    }
}
