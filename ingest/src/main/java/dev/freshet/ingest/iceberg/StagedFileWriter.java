package dev.freshet.ingest.iceberg;

import dev.freshet.state.StagedColumns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.RecordConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes one Parquet file of staged rows. Its manifest entry carries the bounds of {@code _position} and, for base rows, {@code _load}: all
 * that is ever looked up, so wide tables do not bloat the manifests.
 */
final class StagedFileWriter {

    private static final long ROW_GROUP_BYTES = 16L << 20;
    private static final int ROW_GROUP_ROWS = 122_880;

    private final org.apache.iceberg.io.OutputFile file;
    private final Schema schema;
    private final CountingFile counting;
    private final ParquetWriter<@Nullable Object[]> writer;
    private long rows;
    private long lowestPosition = Long.MAX_VALUE;
    private long highestPosition = Long.MIN_VALUE;
    private @Nullable Long load;

    StagedFileWriter(org.apache.iceberg.io.OutputFile file, Schema schema) {
        this.file = file;
        this.schema = schema;
        this.counting = new CountingFile(file);
        try {
            this.writer = new Builder(counting, new ParquetShape(schema)).build();
        } catch (IOException e) {
            throw new UncheckedIOException("can't write '" + file.location() + "'", e);
        }
    }

    void write(@Nullable Object[] row) {
        try {
            writer.write(row);
        } catch (IOException e) {
            throw new UncheckedIOException("can't write '" + file.location() + "'", e);
        }
        rows++;
        long position = row[1] instanceof Long value ? value : 0;
        lowestPosition = Math.min(lowestPosition, position);
        highestPosition = Math.max(highestPosition, position);
        load = (Long) row[7];
    }

    long rows() {
        return rows;
    }

    long bytes() {
        return writer.getDataSize();
    }

    String location() {
        return file.location();
    }

    /** Ends the file; from here on it is on disk. */
    DataFile close() {
        try {
            writer.close();
        } catch (IOException e) {
            throw new UncheckedIOException("can't write '" + file.location() + "'", e);
        }
        int position = schema.findField(StagedColumns.POSITION).fieldId();
        int loadId = schema.findField(StagedColumns.LOAD).fieldId();
        Map<Integer, ByteBuffer> lower = new HashMap<>();
        Map<Integer, ByteBuffer> upper = new HashMap<>();
        if (rows > 0) {
            lower.put(position, bytes(lowestPosition));
            upper.put(position, bytes(highestPosition));
        }
        if (load != null) {
            lower.put(loadId, bytes(load));
            upper.put(loadId, bytes(load));
        }
        return DataFiles.builder(PartitionSpec.unpartitioned())
                .withPath(file.location())
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(counting.length)
                .withMetrics(new Metrics(rows, null, null, null, null, lower, upper))
                .build();
    }

    /** Gives the file up; what was written so far stays for the caller to delete. */
    void abandon() {
        try {
            counting.closeStream();
        } catch (IOException ignored) {
            // The file is not wanted any more.
        }
    }

    private static ByteBuffer bytes(long value) {
        return Conversions.toByteBuffer(Types.LongType.get(), value);
    }

    /** Parquet's view of an Iceberg output file, which remembers how long it became. */
    private static final class CountingFile implements OutputFile {

        private final org.apache.iceberg.io.OutputFile file;
        private long length;
        private @Nullable PositionOutputStream stream;

        CountingFile(org.apache.iceberg.io.OutputFile file) {
            this.file = file;
        }

        void closeStream() throws IOException {
            if (stream != null) {
                stream.close();
            }
        }

        @Override
        public org.apache.parquet.io.PositionOutputStream create(long blockSizeHint) {
            PositionOutputStream out = file.create();
            stream = out;
            return new org.apache.parquet.io.PositionOutputStream() {
                @Override
                public long getPos() throws IOException {
                    return out.getPos();
                }

                @Override
                public void write(int value) throws IOException {
                    out.write(value);
                }

                @Override
                public void write(byte[] bytes, int offset, int count) throws IOException {
                    out.write(bytes, offset, count);
                }

                @Override
                public void flush() throws IOException {
                    out.flush();
                }

                @Override
                public void close() throws IOException {
                    length = Math.max(length, out.getPos());
                    out.close();
                }
            };
        }

        @Override
        public org.apache.parquet.io.PositionOutputStream createOrOverwrite(long blockSizeHint) {
            return create(blockSizeHint);
        }

        @Override
        public boolean supportsBlockSize() {
            return false;
        }

        @Override
        public long defaultBlockSize() {
            return 0;
        }

        @Override
        public String getPath() {
            return file.location();
        }
    }

    private static final class Builder extends ParquetWriter.Builder<@Nullable Object[], Builder> {

        private final ParquetShape shape;

        Builder(OutputFile file, ParquetShape shape) {
            super(file);
            this.shape = shape;
            withConf(new PlainParquetConfiguration());
            withCompressionCodec(CompressionCodecName.valueOf(System.getProperty("freshet.codec", "ZSTD")));
            withRowGroupSize(ROW_GROUP_BYTES);
            withRowGroupRowCountLimit(ROW_GROUP_ROWS);
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        @SuppressWarnings("deprecation") // abstract in the superclass, so it must be here
        protected WriteSupport<@Nullable Object[]> getWriteSupport(Configuration configuration) {
            return new Rows(shape);
        }

        @Override
        protected WriteSupport<@Nullable Object[]> getWriteSupport(ParquetConfiguration configuration) {
            return new Rows(shape);
        }
    }

    private static final class Rows extends WriteSupport<@Nullable Object[]> {

        private final ParquetShape shape;
        private @Nullable RecordConsumer out;

        Rows(ParquetShape shape) {
            this.shape = shape;
        }

        @Override
        @SuppressWarnings("deprecation") // abstract in the superclass, so it must be here
        public WriteContext init(Configuration configuration) {
            return new WriteContext(shape.message(), Map.of());
        }

        @Override
        public WriteContext init(ParquetConfiguration configuration) {
            return new WriteContext(shape.message(), Map.of());
        }

        @Override
        public void prepareForWrite(RecordConsumer consumer) {
            out = consumer;
        }

        @Override
        public void write(@Nullable Object[] row) {
            RecordConsumer consumer = out;
            if (consumer == null) {
                throw new IllegalStateException("not prepared");
            }
            shape.write(consumer, row);
        }
    }
}
