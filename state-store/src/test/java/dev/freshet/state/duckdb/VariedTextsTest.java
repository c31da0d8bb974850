package dev.freshet.state.duckdb;

import static dev.freshet.state.duckdb.StagedFiles.at;
import static dev.freshet.state.duckdb.StagedFiles.batch;
import static dev.freshet.state.duckdb.StagedFiles.loaded;
import static dev.freshet.state.duckdb.StoreFixture.row;
import static dev.freshet.state.duckdb.StoreFixture.schema;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.DataType.Simple;
import dev.freshet.state.StagedBase;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.StagedFiles.Event;
import dev.freshet.state.duckdb.sql.SqlText;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How columns of texts are stored. */
class LongTextsTest {

    private static final int ROWS = 5_000;
    private static final TableId ORDERS = new TableId("shop", "public", "orders");
    private static final TableId MODEL = new TableId("dw", "analytics", "model");

    @TempDir
    Path directory;

    private StoreFixture fixture;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(directory);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void manyDifferentTextsLieAsTheyAreAndFewArePacked(boolean keyed) {
        TableSchema schema = schema(
                keyed ? List.of("id") : List.of(),
                "id",
                Simple.INTEGER,
                "status",
                Simple.VARCHAR,
                "terms",
                Simple.VARCHAR,
                "code",
                Simple.VARCHAR,
                "note",
                Simple.VARCHAR);
        Path base = fixture.files.write(
                schema,
                IntStream.range(0, ROWS)
                        .mapToObj(i -> Event.row(1, i, i % 2 == 0 ? "open" : "closed", terms(i), "C" + i, note(i)))
                        .toList());
        fixture.apply(batch(
                "shop",
                0,
                10,
                loaded(ORDERS, schema, 10, new StagedBase(1, at(5), at(5), Optional.empty(), List.of(base)))));
        fixture.compute(MODEL, "select id, status, terms, code, note from " + StateNames.relation(ORDERS), "id");
        assertThat(fixture.contents(ORDERS)).hasSize(ROWS).containsKey(row(7, "closed", terms(7), "C7", note(7)));
        assertThat(fixture.contents(MODEL)).isEqualTo(fixture.contents(ORDERS));

        // What is in memory is not packed yet.
        fixture.reopen();
        for (String table : List.of("mirror.t1", StateNames.relation(MODEL))) {
            Map<List<@Nullable Object>, Long> stored =
                    fixture.rows("SELECT column_name, compression FROM pragma_storage_info(" + SqlText.literal(table)
                            + ") WHERE segment_type = 'VARCHAR' GROUP BY ALL");
            assertThat(stored.keySet()).contains(row("code", "Uncompressed"), row("note", "Uncompressed"));
            assertThat(stored.keySet())
                    .noneMatch(column ->
                            (column.contains("status") || column.contains("terms")) && column.contains("Uncompressed"));
        }
    }

    private static String terms(int i) {
        return "payable within " + (i % 100) + " days of the date of the invoice, in the currency of the order";
    }

    private static String note(int i) {
        return i % 3 == 0 ? "" : "please ring twice and then leave order " + i + " with the neighbours";
    }
}
