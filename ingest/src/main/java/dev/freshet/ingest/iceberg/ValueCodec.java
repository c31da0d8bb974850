package dev.freshet.ingest.iceberg;

import dev.freshet.ingest.CapturedChange;
import dev.freshet.state.IntervalValue;
import dev.freshet.state.Row;
import dev.freshet.state.RowChange;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes captured changes as bytes and reads them back exactly. Each value says what it is, so no schema is needed. */
final class ValueCodec {

    private ValueCodec() {}

    static void write(DataOutputStream out, CapturedChange captured) throws IOException {
        out.writeLong(captured.position());
        out.writeLong(captured.transaction());
        out.writeLong(captured.committedAtMicros());
        out.writeLong(captured.sequence());
        value(out, captured.poison().orElse(null));
        RowChange change = captured.change();
        if (change instanceof RowChange.Insert insert) {
            out.writeByte(insert.movedFromPrevious() ? 'm' : 'c');
            row(out, insert.after());
        } else if (change instanceof RowChange.Update update) {
            out.writeByte('u');
            row(out, update.before());
            row(out, update.after());
        } else if (change instanceof RowChange.Delete delete) {
            out.writeByte('d');
            row(out, delete.before());
        } else {
            out.writeByte('t');
        }
    }

    static CapturedChange read(DataInputStream in) throws IOException {
        long position = in.readLong();
        long transaction = in.readLong();
        long committedAt = in.readLong();
        long sequence = in.readLong();
        Optional<String> poison = Optional.ofNullable((String) value(in));
        byte kind = in.readByte();
        RowChange change =
                switch (kind) {
                    case 'm' -> new RowChange.Insert(wholeRow(in), true);
                    case 'c' -> new RowChange.Insert(wholeRow(in), false);
                    case 'u' -> new RowChange.Update(row(in), wholeRow(in));
                    case 'd' -> new RowChange.Delete(wholeRow(in));
                    case 't' -> new RowChange.Truncate();
                    default -> throw new IOException("not a change: " + kind);
                };
        return new CapturedChange(change, position, transaction, committedAt, sequence, poison);
    }

    private static void row(DataOutputStream out, @Nullable Row row) throws IOException {
        if (row == null) {
            out.writeInt(-1);
            return;
        }
        out.writeInt(row.size());
        for (int i = 0; i < row.size(); i++) {
            if (row.isUnavailable(i)) {
                out.writeByte('?');
            } else {
                value(out, row.value(i));
            }
        }
    }

    private static Row wholeRow(DataInputStream in) throws IOException {
        Row row = row(in);
        if (row == null) {
            throw new IOException("a row is missing");
        }
        return row;
    }

    private static @Nullable Row row(DataInputStream in) throws IOException {
        int size = in.readInt();
        if (size < 0) {
            return null;
        }
        @Nullable Object[] values = new @Nullable Object[size];
        BitSet unavailable = new BitSet();
        for (int i = 0; i < size; i++) {
            byte tag = in.readByte();
            if (tag == '?') {
                unavailable.set(i);
            } else {
                values[i] = value(in, tag);
            }
        }
        return unavailable.isEmpty() ? Row.of(values) : Row.partial(values, unavailable);
    }

    private static void value(DataOutputStream out, @Nullable Object value) throws IOException {
        if (value == null) {
            out.writeByte('0');
        } else if (value instanceof Boolean flag) {
            out.writeByte(flag ? 'T' : 'F');
        } else if (value instanceof Integer number) {
            out.writeByte('i');
            out.writeInt(number);
        } else if (value instanceof Long number) {
            out.writeByte('l');
            out.writeLong(number);
        } else if (value instanceof String text) {
            out.writeByte('s');
            bytes(out, text.getBytes(StandardCharsets.UTF_8));
        } else if (value instanceof BigDecimal number) {
            out.writeByte('n');
            out.writeInt(number.scale());
            bytes(out, number.unscaledValue().toByteArray());
        } else if (value instanceof BigInteger number) {
            out.writeByte('h');
            bytes(out, number.toByteArray());
        } else if (value instanceof Float number) {
            out.writeByte('f');
            out.writeInt(Float.floatToRawIntBits(number));
        } else if (value instanceof Double number) {
            out.writeByte('d');
            out.writeLong(Double.doubleToRawLongBits(number));
        } else if (value instanceof UUID uuid) {
            out.writeByte('u');
            out.writeLong(uuid.getMostSignificantBits());
            out.writeLong(uuid.getLeastSignificantBits());
        } else if (value instanceof ByteBuffer buffer) {
            out.writeByte('b');
            byte[] copy = new byte[buffer.remaining()];
            buffer.duplicate().get(copy);
            bytes(out, copy);
        } else if (value instanceof IntervalValue interval) {
            out.writeByte('v');
            out.writeInt(interval.months());
            out.writeInt(interval.days());
            out.writeLong(interval.micros());
        } else if (value instanceof List<?> list) {
            out.writeByte('a');
            out.writeInt(list.size());
            for (Object element : list) {
                value(out, element);
            }
        } else {
            throw new IOException("no canonical value: " + value.getClass());
        }
    }

    private static @Nullable Object value(DataInputStream in) throws IOException {
        return value(in, in.readByte());
    }

    private static @Nullable Object value(DataInputStream in, byte tag) throws IOException {
        return switch (tag) {
            case '0' -> null;
            case 'T' -> Boolean.TRUE;
            case 'F' -> Boolean.FALSE;
            case 'i' -> in.readInt();
            case 'l' -> in.readLong();
            case 's' -> new String(bytes(in), StandardCharsets.UTF_8);
            case 'n' -> {
                int scale = in.readInt();
                yield new BigDecimal(new BigInteger(bytes(in)), scale);
            }
            case 'h' -> new BigInteger(bytes(in));
            case 'f' -> Float.intBitsToFloat(in.readInt());
            case 'd' -> Double.longBitsToDouble(in.readLong());
            case 'u' -> new UUID(in.readLong(), in.readLong());
            case 'b' -> ByteBuffer.wrap(bytes(in));
            case 'v' -> new IntervalValue(in.readInt(), in.readInt(), in.readLong());
            case 'a' -> {
                int size = in.readInt();
                List<@Nullable Object> list = new ArrayList<>(size);
                for (int i = 0; i < size; i++) {
                    list.add(value(in));
                }
                yield list;
            }
            default -> throw new IOException("not a value: " + tag);
        };
    }

    private static void bytes(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return bytes;
    }

    /** Roughly the heap that a change takes. */
    static long weight(CapturedChange captured) {
        RowChange change = captured.change();
        long weight = 120;
        if (change instanceof RowChange.Insert insert) {
            weight += weight(insert.after());
        } else if (change instanceof RowChange.Update update) {
            weight += weight(update.before()) + weight(update.after());
        } else if (change instanceof RowChange.Delete delete) {
            weight += weight(delete.before());
        }
        return weight;
    }

    private static long weight(@Nullable Row row) {
        if (row == null) {
            return 0;
        }
        long weight = 48;
        for (int i = 0; i < row.size(); i++) {
            weight += weightOfValue(row.value(i));
        }
        return weight;
    }

    private static long weightOfValue(@Nullable Object value) {
        if (value instanceof String text) {
            return 56 + 2L * text.length();
        }
        if (value instanceof ByteBuffer buffer) {
            return 80 + buffer.capacity();
        }
        if (value instanceof List<?> list) {
            long weight = 40;
            for (Object element : list) {
                weight += 8 + weightOfValue(element);
            }
            return weight;
        }
        return value == null ? 4 : 40;
    }
}
