package dev.freshet.transform.engine.unit;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How two bags of rows with the same columns differ, as a table like daff's, which dbt prints: {@code →} marks a row with changed values, each as
 * {@code expected→actual}, {@code +++} a row that was not expected, {@code ---} one that is missing; rows that agree are shown beside those only.
 */
public final class RowDifference {

    private static final String CHANGED = "→";
    private static final String NULL = "NULL";
    private static final String QUOTED_NULL = "'NULL'";
    private static final String SKIPPED = "...";

    private final List<String> columns;
    private final List<List<String>> lines = new ArrayList<>();
    private boolean isAny;

    /**
     * @param expected rows of plain values, in the columns' order
     * @param actual the same
     */
    public RowDifference(
            List<String> columns,
            List<? extends List<? extends @Nullable Object>> expected,
            List<? extends List<? extends @Nullable Object>> actual) {
        this.columns = List.copyOf(columns);
        compare(texts(expected), texts(actual));
    }

    /** What is equal is one text, which is also how it is shown. */
    private static List<List<String>> texts(List<? extends List<? extends @Nullable Object>> rows) {
        List<List<String>> texts = new ArrayList<>();
        rows.forEach(row -> {
            List<String> values = new ArrayList<>();
            row.forEach(value -> values.add(text(value)));
            texts.add(values);
        });
        return texts;
    }

    /** As Python prints it; numbers of one value are one text, and no value is none that a text has. */
    private static String text(@Nullable Object value) {
        if (value == null) {
            return NULL;
        }
        if (value instanceof Boolean flag) {
            return flag ? "True" : "False";
        }
        if (value instanceof BigDecimal number) {
            return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
        }
        if (value instanceof Double number && number == 0) {
            return "0.0";
        }
        String text = value.toString();
        return text.equals(NULL) || text.equals(QUOTED_NULL) ? "'" + text + "'" : text;
    }

    private void compare(List<List<String>> expected, List<List<String>> actual) {
        List<List<String>> left = new ArrayList<>(actual);
        List<@Nullable List<String>> partners = new ArrayList<>();
        for (List<String> row : expected) {
            partners.add(left.remove(row) ? row : null);
        }
        // What is like no row that is left over is taken for another row.
        for (int i = 0; i < expected.size(); i++) {
            if (partners.get(i) == null) {
                List<String> nearest = nearest(expected.get(i), left);
                if (nearest != null) {
                    boolean unused = left.remove(nearest);
                    partners.set(i, nearest);
                }
            }
        }
        for (int i = 0; i < expected.size(); i++) {
            add(expected.get(i), partners.get(i));
        }
        left.forEach(row -> line("+++", row));
        isAny |= !left.isEmpty();
    }

    /** The row that agrees in most values, and in one at least. */
    private static @Nullable List<String> nearest(List<String> row, List<List<String>> others) {
        List<String> nearest = null;
        int most = 0;
        for (List<String> other : others) {
            int same = 0;
            for (int i = 0; i < row.size(); i++) {
                same += Objects.equals(row.get(i), other.get(i)) ? 1 : 0;
            }
            if (same > most) {
                most = same;
                nearest = other;
            }
        }
        return nearest;
    }

    private void add(List<String> expected, @Nullable List<String> actual) {
        if (actual == null) {
            isAny = true;
            line("---", expected);
            return;
        }
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < expected.size(); i++) {
            boolean isSame = expected.get(i).equals(actual.get(i));
            cells.add(isSame ? expected.get(i) : expected.get(i) + CHANGED + actual.get(i));
        }
        isAny |= !expected.equals(actual);
        line(expected.equals(actual) ? "" : CHANGED, cells);
    }

    private void line(String mark, List<String> cells) {
        List<String> line = new ArrayList<>(List.of(mark));
        line.addAll(cells);
        lines.add(line);
    }

    public boolean isEmpty() {
        return !isAny;
    }

    /** The table, with a line feed after each line. */
    public String text() {
        List<List<String>> table = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("@@"));
        head.addAll(columns);
        table.add(head);
        boolean isSkipping = false;
        for (int i = 0; i < lines.size(); i++) {
            if (isShown(i)) {
                table.add(lines.get(i));
                isSkipping = false;
            } else if (!isSkipping) {
                table.add(head.stream().map(cell -> SKIPPED).toList());
                isSkipping = true;
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> line : table) {
            for (int i = 0; i < line.size(); i++) {
                int column = i;
                int width = table.stream()
                        .mapToInt(each -> each.get(column).length())
                        .max()
                        .orElse(0);
                text.append(i == 0 ? "" : ",").append(line.get(i));
                if (i < line.size() - 1) {
                    text.append(" ".repeat(width - line.get(i).length()));
                }
            }
            text.append('\n');
        }
        return text.toString();
    }

    private boolean isShown(int index) {
        for (int i = Math.max(0, index - 1); i <= Math.min(lines.size() - 1, index + 1); i++) {
            if (!lines.get(i).get(0).isEmpty()) {
                return true;
            }
        }
        return false;
    }
}
