package dev.freshet.state.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.freshet.state.FreshetException;
import dev.freshet.state.ModelFailedException;
import dev.freshet.state.RowCursor;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import dev.freshet.state.duckdb.file.HiddenValues;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What DuckDB itself says when rows do not fit, and what is left of it. */
class HiddenValuesTest {

    private static final TableId PEOPLE = new TableId("dw", "m", "people");
    private static final TableId MODEL = new TableId("dw", "m", "broken");

    @TempDir
    Path directory;

    private StoreFixture fixture;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(directory);
        var unused = fixture.compute(
                PEOPLE,
                "select 'alice''s \"secret\"@x.org' as email, e'alice\\nsecret' as lines, 4242424242 as account");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cast(email as integer)",
                "cast(email as date)",
                "cast(email as timestamptz)",
                "cast(email as decimal(5, 2))",
                "cast(email as json)",
                "cast(email as integer[])",
                "cast(lines as integer)",
                "cast(lines as date)",
                "strptime(email, '%Y')",
                "strptime(lines, '%Y')",
                "date_trunc(email, date '2026-01-01')",
                "from_base64(email)",
                "json_extract(email, '$.a')",
                "cast(account as integer)",
                "cast(account as decimal(5, 2))",
                "chr(cast(account - 4000000000 as integer))",
                "cast(account * 4242424242424242 as bigint)",
                "cast(account as bigint) * 4242424242424242::bigint",
                "make_date(account, 13, 1)"
            })
    void noValueOfARowIsTold(String expression) {
        String sql = "select " + expression + " as v from \"dw.m\".people";
        try (StateTransaction transaction = fixture.store.begin()) {
            assertHidden(catchThrowable(() -> transaction.recompute(MODEL, sql, List.of())))
                    .isInstanceOf(ModelFailedException.class)
                    .hasMessageContaining("its SQL failed: ");
        }
        try (StateTransaction transaction = fixture.store.begin()) {
            assertHidden(catchThrowable(() -> all(transaction.query(sql)))).isInstanceOf(FreshetException.class);
        }
        try (StateSnapshot snapshot = fixture.store.read()) {
            assertHidden(catchThrowable(() -> all(snapshot.query(sql)))).isInstanceOf(FreshetException.class);
        }
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertHidden(Throwable error) {
        StringWriter logged = new StringWriter();
        error.printStackTrace(new PrintWriter(logged, true));
        assertThat(logged.toString()).doesNotContain("alice", "secret", "x.org", "4242");
        return assertThat(error);
    }

    private static void all(RowCursor rows) {
        try (rows) {
            while (rows.next()) {
                Object unused = rows.value(0);
            }
        }
    }

    @Test
    void whatIsNoValueStays() {
        assertThat(told("Conversion Error: Could not convert string 'alice' to INT32 when casting from source column x"
                        + "\n\nLINE 1: VALUES ('alice')\n        ^"))
                .isEqualTo("Conversion Error: Could not convert string '…' to INT32 when casting from source column x");
        assertThat(told("Conversion Error: Type INT64 with value -3000000000 can't be cast because the value is out"
                        + " of range for the destination type INT32"))
                .isEqualTo("Conversion Error: Type INT64 with value … can't be cast because the value is out"
                        + " of range for the destination type INT32");
        assertThat(
                        told(
                                "Conversion Error: Casting value \"1.5e3\" to type DECIMAL(5,2) failed: value is out of range!"))
                .isEqualTo("Conversion Error: Casting value \"…\" to type DECIMAL(5,2) failed: value is out of range!");
        assertThat(told("Constraint Error: Duplicate key \"email: alice\" violates primary key constraint."))
                .isEqualTo("Constraint Error: Duplicate key \"…\" violates primary key constraint.");
        String binder =
                "Binder Error: Referenced column \"nope\" not found in FROM clause!\nCandidate bindings: \"x\", \"x2\""
                        + "\n\nLINE 1: select nope from t where x = 'a' and y = 5\n               ^^^^";
        assertThat(told(binder)).isEqualTo(binder);
        String catalog = "Catalog Error: Scalar Function with name xx does not exist!\nDid you mean \"exp\"?";
        assertThat(told(catalog)).isEqualTo(catalog);
    }

    private static String told(String message) {
        return String.valueOf(HiddenValues.in(new SQLException(message)).getMessage());
    }
}
