package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Values of every type as rows of unit tests, as dbt's adapter tests ask. */
class UnitTestTypesTest {

    private static final String TABLE = "{{ config(materialized='table') }} ";

    @TempDir
    Path directory;

    private RunFixture run;

    private void open(Warehouse warehouse) {
        run = warehouse.fixture(directory);
    }

    @ParameterizedTest
    @EnumSource
    void valuesOfEveryTypeGoInAndComeOut(Warehouse warehouse) {
        open(warehouse);
        List<String> columns = List.of(
                "1 as small",
                "cast(9000000000 as bigint) as big",
                "cast(1.25 as numeric(10, 2)) as price",
                "cast(1.5 as double precision) as ratio",
                "true as flag",
                "cast('2024-01-02' as date) as day",
                "cast('2024-01-02 03:04:05' as timestamp) as moment",
                "'it''s' as word",
                "cast('x' as varchar(5)) as short_word");
        run.model("base", TABLE + "select " + String.join(", ", columns))
                .model("m", TABLE + "select * from {{ ref('base') }}")
                .file(
                        "models/u.yml",
                        """
                        unit_tests:
                          - name: same
                            model: m
                            given:
                              - input: ref('base')
                                rows: [&row {small: 2, big: 8000000000, price: 3.5, ratio: 0.5, flag: false, day: "2023-12-31", moment: "2023-12-31 23:59:59", word: "a'b", short_word: y}, {flag: null}]
                            expect:
                              rows: [*row, {small: null, big: null, price: null, ratio: null, flag: null, day: null, moment: null, word: null, short_word: null}]
                          - name: different
                            model: m
                            given: [{input: ref('base'), rows: [*row]}]
                            expect: {rows: [{price: 3.51, flag: true, moment: "2023-12-31 23:59:58", word: null}]}
                        """);
        assertThat(run.build()).contains("same pass").anySatisfy(line -> assertThat(line)
                .startsWith("different fail")
                .contains("3.51", "True", "NULL", "2023-12-31 23:59:58", "3.5 "));
    }

    @ParameterizedTest
    @EnumSource
    void oddNamesAndValuesGoInAndComeOut(Warehouse warehouse) {
        open(warehouse);
        String bytes = warehouse == Warehouse.POSTGRES ? "bytea" : "blob";
        run.model(
                        "base",
                        TABLE
                                + "select 1 as \"Order Id\", cast('x' as varchar) as word, cast(null as date) as day, cast('a' as "
                                + bytes + ") as raw, cast(1.5 as double precision) as ratio")
                .model("m", TABLE + "select * from {{ ref('base') }}")
                .file(
                        "models/u.yml",
                        """
                        unit_tests:
                          - name: same
                            model: m
                            given:
                              - input: ref('base')
                                rows: [&row {"Order Id": 2, word: "a\\b\\n\\\\'\\\"x\\\" {x}", day: 2024-02-03, raw: abc, ratio: "NaN"}, {"Order Id": 3, word: "", day: null, raw: null, ratio: null}, {"Order Id": 4, word: "NULL", day: null, raw: null, ratio: "Infinity"}]
                            expect:
                              rows: [*row, {"Order Id": 3, word: "", day: null, raw: null, ratio: null}, {"Order Id": 4, word: "NULL", day: null, raw: null, ratio: "Infinity"}]
                          - name: empty_is_not_null
                            model: m
                            given: [{input: ref('base'), rows: [{"Order Id": 3, word: ""}]}]
                            expect: {rows: [{"Order Id": 3, word: null}]}
                          - name: null_is_no_word
                            model: m
                            given: [{input: ref('base'), rows: [{"Order Id": 3, word: "NULL"}]}]
                            expect: {rows: [{"Order Id": 3, word: null}]}
                        """);
        assertThat(run.build())
                .contains("same pass")
                .anyMatch(line -> line.startsWith("empty_is_not_null fail"))
                .anyMatch(line -> line.startsWith("null_is_no_word fail"));
    }

    /** As lists, or as texts in the form of the database. */
    @ParameterizedTest
    @EnumSource
    void arraysGoInAndComeOut(Warehouse warehouse) {
        open(warehouse);
        String array = warehouse == Warehouse.POSTGRES ? "array" : "";
        String text = warehouse == Warehouse.POSTGRES ? "{1,2}" : "[1, 2]";
        run.model("base", TABLE + "select " + array + "[1, 2] as numbers, " + array + "['a'] as words")
                .model("m", TABLE + "select * from {{ ref('base') }}")
                .file(
                        "models/u.yml",
                        """
                        unit_tests:
                          - name: same
                            model: m
                            given:
                              - input: ref('base')
                                rows: [{numbers: [1, 2], words: [it's, "", null]}, {numbers: [], words: null}, {numbers: "TEXT"}]
                            expect:
                              rows: [{numbers: "TEXT", words: [it's, "", null]}, {numbers: [], words: null}, {numbers: [1, 2], words: null}]
                          - name: different
                            model: m
                            given: [{input: ref('base'), rows: [{numbers: [1, 2]}]}]
                            expect: {rows: [{numbers: [2, 1]}]}
                        """
                                .replace("TEXT", text));
        assertThat(run.build()).contains("same pass").anyMatch(line -> line.startsWith("different fail"));
    }

    @ParameterizedTest
    @EnumSource
    void longTextsAreComparedToTheirEnd(Warehouse warehouse) {
        open(warehouse);
        String word = "w".repeat(300);
        run.model("base", TABLE + "select cast('x' as varchar) as word, cast('x' as text) as note")
                .model("m", TABLE + "select * from {{ ref('base') }}")
                .file(
                        "models/u.yml",
                        """
                        unit_tests:
                          - name: same
                            model: m
                            given: [{input: ref('base'), rows: [{word: WORDa, note: WORDa}]}]
                            expect: {rows: [{word: WORDa, note: WORDa}]}
                          - name: word
                            model: m
                            given: [{input: ref('base'), rows: [{word: WORDa, note: WORDa}]}]
                            expect: {rows: [{word: WORDb}]}
                          - name: note
                            model: m
                            given: [{input: ref('base'), rows: [{word: WORDa, note: WORDa}]}]
                            expect: {rows: [{note: WORDb}]}
                        """
                                .replace("WORD", word));
        assertThat(run.build())
                .contains("same pass")
                .anyMatch(line -> line.startsWith("word fail"))
                .anyMatch(line -> line.startsWith("note fail"));
    }
}
