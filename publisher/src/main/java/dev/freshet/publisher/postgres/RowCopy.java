package dev.freshet.publisher.postgres;

import dev.freshet.state.DataType;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;

/**
 * Streams rows into a table with {@code COPY … (FORMAT binary)}. A row with a value that PostgreSQL can't hold is left out and counted. Must be
 * ended by {@link #finish} unless the transaction is given up.
 */
final class RowCopy {

    private static final byte[] SIGNATURE = "PGCOPY\n\u00ff\r\n\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final int FLUSH_BYTES = 1 << 16;

    private final CopyIn copy;
    private final CopyBuffer buffer = new CopyBuffer();
    private final TableId table;
    private final TableSchema schema;
    private final FieldEncoder[] encoders;
    private long rows;
    private long refusedRows;
    private @Nullable String refusal;

    private RowCopy(CopyIn copy, TableId table, TableSchema schema, List<DataType> types) throws SQLException {
        this.copy = copy;
        this.table = table;
        this.schema = schema;
        this.encoders = types.stream().map(FieldEncoder::of).toArray(FieldEncoder[]::new);
        copy.writeToCopy(SIGNATURE, 0, SIGNATURE.length);
        buffer.putInt(0);
        buffer.putInt(0);
    }

    /** Rows as they are, straight into a table of the target's own types. */
    static RowCopy intoTable(CopyManager copies, String relation, TableId table, TableSchema schema)
            throws SQLException {
        List<DataType> types = schema.columns().stream().map(c -> c.type()).toList();
        return new RowCopy(begin(copies, relation), table, schema, types);
    }

    /** Rows as they are compared, each with a number of copies behind it. */
    static RowCopy intoStaging(CopyManager copies, String relation, TableId table, TableSchema schema)
            throws SQLException {
        List<DataType> types = new ArrayList<>();
        schema.columns().forEach(column -> types.add(PostgresTypes.comparable(column.type())));
        return new RowCopy(begin(copies, relation), table, schema, types);
    }

    /** Rows as they are compared, for whole contents. */
    static RowCopy intoContents(CopyManager copies, String relation, TableId table, TableSchema schema)
            throws SQLException {
        return intoStaging(copies, relation, table, schema);
    }

    private static CopyIn begin(CopyManager copies, String relation) throws SQLException {
        return copies.copyIn("copy " + relation + " from stdin (format binary)");
    }

    /** Where a row's values come from. */
    interface Values {
        @Nullable
        Object value(int column);
    }

    /** Writes a row into a table; false when it was left out. */
    boolean row(Values values) throws SQLException {
        return write(values, false, 0);
    }

    /** Writes a row into a staging table; false when it was left out. */
    boolean row(Values values, long copies) throws SQLException {
        return write(values, true, copies);
    }

    private boolean write(Values values, boolean counted, long copies) throws SQLException {
        int start = buffer.length();
        buffer.putShort(encoders.length + (counted ? 1 : 0));
        for (int i = 0; i < encoders.length; i++) {
            String refused = FieldEncoder.encodeField(encoders[i], values.value(i), buffer);
            if (refused != null) {
                buffer.truncate(start);
                if (refusal == null) {
                    refusal = "column '" + schema.columns().get(i).name() + "' of table '" + table + "' has " + refused;
                }
                return false;
            }
        }
        if (counted) {
            buffer.putInt(8);
            buffer.putLong(copies);
        }
        rows++;
        if (buffer.length() >= FLUSH_BYTES) {
            flush();
        }
        return true;
    }

    /** Counts a row that was left out as one that its readers will miss. */
    void refused(long copies) {
        refusedRows += copies;
    }

    void finish() throws SQLException {
        buffer.putShort(-1);
        flush();
        copy.endCopy();
    }

    private void flush() throws SQLException {
        copy.writeToCopy(buffer.array(), 0, buffer.length());
        buffer.truncate(0);
    }

    long rows() {
        return rows;
    }

    long refusedRows() {
        return refusedRows;
    }

    /** What was refused and where, for the person who has to mend it. */
    Optional<String> refusal() {
        return refusedRows == 0
                ? Optional.empty()
                : Optional.of(refusal + ": " + refusedRows
                        + " rows were left out; correct them at the source or clean the value in the model");
    }
}
