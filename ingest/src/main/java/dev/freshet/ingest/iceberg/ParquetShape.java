package dev.freshet.ingest.iceberg;

import static org.apache.parquet.schema.LogicalTypeAnnotation.dateType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.decimalType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.listType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.timeType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.timestampType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.uuidType;
import static org.apache.parquet.schema.Types.optional;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/**
 * A Parquet schema with Iceberg's field ids, and the column names exactly as the source spells them. Iceberg's own writer replaces
 * characters that Avro does not know, and then a reader by path does not find the column.
 */
final class ParquetShape {

    /** Writes one value that is not null. */
    private interface ValueWriter {
        void write(RecordConsumer out, Object raw);
    }

    private final MessageType message;
    private final List<ValueWriter> writers = new ArrayList<>();
    private final List<String> names = new ArrayList<>();

    ParquetShape(Schema schema) {
        List<org.apache.parquet.schema.Type> fields = new ArrayList<>();
        for (Types.NestedField field : schema.columns()) {
            fields.add(field(field.type(), field.fieldId(), field.name()));
            writers.add(writer(field.type()));
            names.add(field.name());
        }
        message = new MessageType("change", fields);
    }

    MessageType message() {
        return message;
    }

    /** @param row raw values in the order of the schema's columns */
    void write(RecordConsumer out, @Nullable Object[] row) {
        out.startMessage();
        for (int i = 0; i < row.length; i++) {
            Object value = row[i];
            if (value != null) {
                out.startField(names.get(i), i);
                writers.get(i).write(out, value);
                out.endField(names.get(i), i);
            }
        }
        out.endMessage();
    }

    private static org.apache.parquet.schema.Type field(Type type, int id, String name) {
        return switch (type.typeId()) {
            case BOOLEAN -> optional(PrimitiveTypeName.BOOLEAN).id(id).named(name);
            case INTEGER -> optional(PrimitiveTypeName.INT32).id(id).named(name);
            case LONG -> optional(PrimitiveTypeName.INT64).id(id).named(name);
            case FLOAT -> optional(PrimitiveTypeName.FLOAT).id(id).named(name);
            case DOUBLE -> optional(PrimitiveTypeName.DOUBLE).id(id).named(name);
            case DATE -> optional(PrimitiveTypeName.INT32).as(dateType()).id(id).named(name);
            case TIME ->
                optional(PrimitiveTypeName.INT64)
                        .as(timeType(false, TimeUnit.MICROS))
                        .id(id)
                        .named(name);
            case TIMESTAMP ->
                optional(PrimitiveTypeName.INT64)
                        .as(timestampType(((Types.TimestampType) type).shouldAdjustToUTC(), TimeUnit.MICROS))
                        .id(id)
                        .named(name);
            case STRING ->
                optional(PrimitiveTypeName.BINARY).as(stringType()).id(id).named(name);
            case BINARY -> optional(PrimitiveTypeName.BINARY).id(id).named(name);
            case UUID ->
                optional(PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY)
                        .length(16)
                        .as(uuidType())
                        .id(id)
                        .named(name);
            case DECIMAL -> decimal((Types.DecimalType) type, id, name);
            case LIST -> {
                Types.NestedField element = ((Types.ListType) type).fields().get(0);
                yield org.apache.parquet.schema.Types.optionalGroup()
                        .as(listType())
                        .id(id)
                        .addField(org.apache.parquet.schema.Types.repeatedGroup()
                                .addField(field(element.type(), element.fieldId(), "element"))
                                .named("list"))
                        .named(name);
            }
            default -> throw new IllegalArgumentException("no Parquet form of " + type);
        };
    }

    private static org.apache.parquet.schema.Type decimal(Types.DecimalType type, int id, String name) {
        if (type.precision() <= 9) {
            return optional(PrimitiveTypeName.INT32)
                    .as(decimalType(type.scale(), type.precision()))
                    .id(id)
                    .named(name);
        }
        if (type.precision() <= 18) {
            return optional(PrimitiveTypeName.INT64)
                    .as(decimalType(type.scale(), type.precision()))
                    .id(id)
                    .named(name);
        }
        return optional(PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY)
                .length(TypeUtil.decimalRequiredBytes(type.precision()))
                .as(decimalType(type.scale(), type.precision()))
                .id(id)
                .named(name);
    }

    private static ValueWriter writer(Type type) {
        return switch (type.typeId()) {
            case BOOLEAN -> (out, raw) -> out.addBoolean((Boolean) raw);
            case INTEGER, DATE -> (out, raw) -> out.addInteger((Integer) raw);
            case LONG, TIME, TIMESTAMP -> (out, raw) -> out.addLong((Long) raw);
            case FLOAT -> (out, raw) -> out.addFloat((Float) raw);
            case DOUBLE -> (out, raw) -> out.addDouble((Double) raw);
            case STRING ->
                (out, raw) -> out.addBinary(
                        Binary.fromConstantByteArray(raw.toString().getBytes(StandardCharsets.UTF_8)));
            case BINARY -> (out, raw) -> out.addBinary(Binary.fromConstantByteBuffer(((ByteBuffer) raw).duplicate()));
            case UUID -> (out, raw) -> out.addBinary(uuid((UUID) raw));
            case DECIMAL -> decimalWriter((Types.DecimalType) type);
            case LIST -> listWriter(writer(((Types.ListType) type).elementType()));
            default -> throw new IllegalArgumentException("no Parquet form of " + type);
        };
    }

    private static Binary uuid(UUID value) {
        return Binary.fromConstantByteArray(ByteBuffer.allocate(16)
                .putLong(value.getMostSignificantBits())
                .putLong(value.getLeastSignificantBits())
                .array());
    }

    private static ValueWriter decimalWriter(Types.DecimalType type) {
        if (type.precision() <= 9) {
            return (out, raw) -> out.addInteger(
                    checked((BigDecimal) raw, type).unscaledValue().intValueExact());
        }
        if (type.precision() <= 18) {
            return (out, raw) ->
                    out.addLong(checked((BigDecimal) raw, type).unscaledValue().longValueExact());
        }
        int length = TypeUtil.decimalRequiredBytes(type.precision());
        return (out, raw) -> {
            byte[] digits = checked((BigDecimal) raw, type).unscaledValue().toByteArray();
            byte[] padded = new byte[length];
            Arrays.fill(padded, 0, length - digits.length, (byte) (digits[0] < 0 ? -1 : 0));
            System.arraycopy(digits, 0, padded, length - digits.length, digits.length);
            out.addBinary(Binary.fromConstantByteArray(padded));
        };
    }

    private static BigDecimal checked(BigDecimal value, Types.DecimalType type) {
        if (value.precision() > type.precision()) {
            throw new IllegalArgumentException("a value of " + value.precision() + " digits does not fit " + type);
        }
        return value;
    }

    private static ValueWriter listWriter(ValueWriter element) {
        return (out, raw) -> {
            List<?> values = (List<?>) raw;
            out.startGroup();
            if (!values.isEmpty()) {
                out.startField("list", 0);
                for (Object value : values) {
                    out.startGroup();
                    if (value != null) {
                        out.startField("element", 0);
                        element.write(out, value);
                        out.endField("element", 0);
                    }
                    out.endGroup();
                }
                out.endField("list", 0);
            }
            out.endGroup();
        };
    }
}
