package dev.freshet.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StagedBatchTest {

    private static final TableId TABLE = new TableId("shop", "public", "orders");
    private static final TableSchema NARROW =
            new TableSchema(List.of(new Column("id", DataType.Simple.BIGINT)), List.of("id"));
    private static final TableSchema WIDE = new TableSchema(
            List.of(new Column("id", DataType.Simple.BIGINT), new Column("note", DataType.Simple.VARCHAR)),
            List.of("id"));

    @Test
    void changesOfBothCountWithTheNewerShape() {
        StagedBatch joined =
                batch(1, 0, 5, changes(NARROW, 0, 5, "a")).followedBy(batch(2, 5, 9, changes(WIDE, 5, 9, "b")));
        assertThat(joined.id().number()).isEqualTo(2);
        assertThat(joined.start()).isEqualTo(at(0));
        assertThat(joined.end()).isEqualTo(at(9));
        assertThat(joined.rows()).isEqualTo(2);
        assertThat(joined.tables())
                .containsExactly(new StagedTable(
                        TABLE, WIDE, at(0), at(9), List.of(Path.of("a"), Path.of("b")), Optional.empty(), false));
    }

    @Test
    void aLaterBaseOrLoadMakesEarlierChangesVoid() {
        StagedTable base = new StagedTable(
                TABLE,
                NARROW,
                at(5),
                at(9),
                List.of(Path.of("b")),
                Optional.of(new StagedBase(1, at(3), at(7), Optional.empty(), List.of(Path.of("base")))),
                false);
        StagedTable loading = new StagedTable(TABLE, NARROW, at(5), at(9), List.of(), Optional.empty(), true);
        StagedBatch first = batch(1, 0, 5, changes(NARROW, 0, 5, "a"));
        assertThat(first.followedBy(batch(2, 5, 9, base)).tables()).containsExactly(base);
        assertThat(first.followedBy(batch(2, 5, 9, loading)).tables()).containsExactly(loading);
        StagedBatch after = batch(1, 5, 9, base).followedBy(batch(2, 9, 12, changes(WIDE, 9, 12, "c")));
        assertThat(after.tables())
                .containsExactly(new StagedTable(
                        TABLE, WIDE, at(5), at(12), List.of(Path.of("b"), Path.of("c")), base.base(), false));
    }

    @Test
    void aGapIsRefused() {
        assertThatThrownBy(() -> batch(1, 0, 5).followedBy(batch(2, 6, 9)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("shop#2 does not follow shop#1");
    }

    private static StagedTable changes(TableSchema schema, long after, long through, String file) {
        return new StagedTable(TABLE, schema, at(after), at(through), List.of(Path.of(file)), Optional.empty(), false);
    }

    private static StagedBatch batch(long number, long start, long end, StagedTable... tables) {
        return new StagedBatch(
                new BatchId("shop", number), at(start), at(end), Instant.EPOCH, tables.length, List.of(tables));
    }

    private static SourcePosition at(long ordinal) {
        return new SourcePosition(ordinal, "");
    }
}
