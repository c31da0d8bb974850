package dev.freshet.state;

import java.util.Locale;

/**
 * The types a value can have on its way from a source to a target. A canonical Java value stands behind each, the same in every module:
 *
 * <pre>
 * BOOLEAN      Boolean
 * SMALLINT     Integer            INTEGER   Integer            BIGINT   Long            HUGEINT  java.math.BigInteger
 * REAL         Float              DOUBLE    Double             (NaN and infinities included)
 * Decimal      java.math.BigDecimal with exactly the type's scale
 * VARCHAR, JSON String
 * BLOB         java.nio.ByteBuffer, read-only use, position to limit
 * DATE         Integer, days since 1970-01-01; infinity is Integer.MAX_VALUE, -infinity is -Integer.MAX_VALUE (DuckDB's own)
 * TIME         Long, microseconds since midnight, 24:00:00 included
 * TIMESTAMP    Long, microseconds since 1970-01-01 00:00:00; infinity is Long.MAX_VALUE, -infinity is -Long.MAX_VALUE (DuckDB's own)
 * TIMESTAMPTZ  Long, microseconds since the epoch in UTC; infinities as for TIMESTAMP
 * INTERVAL     {@link IntervalValue}
 * UUID         java.util.UUID
 * ListOf       java.util.List of the element's values, elements may be null
 * </pre>
 *
 * SQL NULL is Java null, inside a {@link Row} only.
 */
public sealed interface DataType {

    /** How DuckDB spells the type, which is also how Freshet prints it. */
    String sql();

    /** The types without parameters. */
    enum Simple implements DataType {
        BOOLEAN,
        SMALLINT,
        INTEGER,
        BIGINT,
        HUGEINT,
        REAL,
        DOUBLE,
        VARCHAR,
        JSON,
        BLOB,
        DATE,
        TIME,
        TIMESTAMP,
        TIMESTAMPTZ,
        INTERVAL,
        UUID;

        @Override
        public String sql() {
            return this == REAL ? "FLOAT" : name().toUpperCase(Locale.ROOT);
        }
    }

    /** An exact number of at most 38 digits, {@code scale} of them behind the point. */
    record Decimal(int precision, int scale) implements DataType {
        public Decimal {
            if (precision < 1 || precision > 38 || scale < 0 || scale > precision) {
                throw new IllegalArgumentException(
                        "DECIMAL(" + precision + "," + scale + ") is not a decimal of at most 38 digits");
            }
        }

        @Override
        public String sql() {
            return "DECIMAL(" + precision + "," + scale + ")";
        }
    }

    /** A one-dimensional list. */
    record ListOf(DataType element) implements DataType {
        @Override
        public String sql() {
            return element.sql() + "[]";
        }
    }
}
