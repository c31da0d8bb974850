package dev.freshet.ingest.postgres;

import dev.freshet.state.Column;
import dev.freshet.state.DataType;

/**
 * A column as it is captured.
 *
 * @param sourceType its type in the database's own words, for casts and for noticing a change
 * @param present false once the column was dropped while we ran: from then on its values are NULL
 */
record CapturedColumn(String name, DataType type, String sourceType, ValueReader reader, boolean present) {

    Column column() {
        return new Column(name, type);
    }

    CapturedColumn dropped() {
        return new CapturedColumn(name, type, sourceType, reader, false);
    }

    boolean sameAs(CapturedColumn other) {
        return name.equals(other.name) && sourceType.equals(other.sourceType) && type.equals(other.type);
    }
}
