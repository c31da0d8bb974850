package dev.freshet.ingest.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Reads a table, or its next piece in key order, with COPY. */
final class TableCopy {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final CapturedTable table;

    TableCopy(CapturedTable table) {
        this.table = table;
    }

    /** Takes one line of COPY's text format; returns whether it wants more. */
    interface LineSink {
        boolean line(byte[] line) throws IOException;
    }

    /** Copies in the connection's open transaction, until the end or until the sink has had enough. */
    static void copy(Connection connection, String select, LineSink sink) throws SQLException, IOException {
        CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut("copy (" + select + ") to stdout");
        try {
            byte[] line = copy.readFromCopy();
            while (line != null) {
                if (!sink.line(line)) {
                    return;
                }
                line = copy.readFromCopy();
            }
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    /** Every row. */
    String all() {
        return "select " + columns() + " from " + Database.relation(table.id());
    }

    /** @param lastKey where the previous piece ended, as {@link #lastKey} spelled it; empty for the first */
    String piece(String lastKey, long rows) {
        String names = keyNames();
        return all() + (lastKey.isEmpty() ? "" : " where (" + names + ") > (" + literals(parse(lastKey)) + ")")
                + " order by " + names + " limit " + rows;
    }

    /** The one row with this key. */
    String one(List<String> keyTexts) {
        return all() + " where (" + keyNames() + ") = (" + literals(keyTexts.toArray(new String[0])) + ")";
    }

    private String keyNames() {
        return table.schema().key().stream().map(Database::identifier).collect(Collectors.joining(", "));
    }

    /** The key of a row in a form that {@link #piece} goes on from. */
    String lastKey(byte[] line) {
        @Nullable String[] fields = fields(line, line.length);
        List<String> values = new ArrayList<>();
        for (String column : table.schema().key()) {
            values.add(fields[table.schema().indexOf(column)]);
        }
        try {
            return JSON.writeValueAsString(values);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Nullable
    String[] fields(byte[] line, int length) {
        return CopyText.fields(line, length, table.columns().size());
    }

    private String columns() {
        return table.columns().stream()
                .map(column -> column.present() ? Database.identifier(column.name()) : "null")
                .collect(Collectors.joining(", "));
    }

    private static String[] parse(String lastKey) {
        try {
            return JSON.readValue(lastKey, String[].class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a key: " + lastKey, e);
        }
    }

    private String literals(String[] values) {
        List<String> literals = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            CapturedColumn column = table.columns()
                    .get(table.schema().indexOf(table.schema().key().get(i)));
            literals.add(Database.literal(values[i]) + "::" + column.sourceType());
        }
        return String.join(", ", literals);
    }
}
