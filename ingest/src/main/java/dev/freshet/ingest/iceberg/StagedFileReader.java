package dev.freshet.ingest.iceberg;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Consumer;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.parquet.InternalReader;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Types;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/** Reads staged rows back as raw values, in the shape that the table has now. */
final class StagedFileReader {

    private StagedFileReader() {}

    /** A column of the file lives on under the same name with another type. */
    private static final class OtherShape extends RuntimeException {
        private static final long serialVersionUID = 1;

        OtherShape() {
            super("the file's columns are not the table's", null, false, false);
        }
    }

    /** @return false, with nothing read, when the file's rows can't be had in the table's shape without loss */
    static boolean read(Table table, StagedFile file, Consumer<@Nullable Object[]> rows) {
        Schema schema = table.schema();
        int width = schema.columns().size();
        try (CloseableIterable<StructLike> records = Parquet.read(table.io().newInputFile(file.location()))
                .project(schema)
                .createReaderFunc(columns -> {
                    requireSameColumns(schema, columns);
                    return InternalReader.create(schema, columns);
                })
                .build()) {
            for (StructLike record : records) {
                @Nullable Object[] row = new @Nullable Object[width];
                for (int i = 0; i < width; i++) {
                    row[i] = record.get(i, Object.class);
                }
                rows.accept(row);
            }
            return true;
        } catch (OtherShape e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("can't read '" + file.location() + "'", e);
        }
    }

    private static void requireSameColumns(Schema schema, MessageType file) {
        List<Types.NestedField> fields = schema.columns();
        for (Type column : file.getFields()) {
            for (Types.NestedField field : fields) {
                if (field.name().equals(column.getName())
                        && column.getId() != null
                        && field.fieldId() != column.getId().intValue()) {
                    throw new OtherShape();
                }
            }
        }
    }
}
