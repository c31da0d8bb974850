package dev.freshet.transform.engine.unit;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowDifferenceTest {

    private static final List<String> COLUMNS = List.of("id", "name");

    private static List<Object> row(Object... values) {
        return Arrays.asList(values);
    }

    @Test
    void theOrderOfRowsAndTheScaleOfNumbersAreNoDifference() {
        RowDifference difference = new RowDifference(
                COLUMNS,
                List.of(row(new BigDecimal("1.50"), null), row(2, true), row(2, true)),
                List.of(row(2, true), row(new BigDecimal("1.5"), null), row(2, true)));
        assertThat(difference.isEmpty()).isTrue();
    }

    @Test
    void aTextThatReadsLikeNoValueIsAnotherOne() {
        RowDifference difference =
                new RowDifference(COLUMNS, List.of(row(1, "NULL"), row(2, null)), List.of(row(1, null), row(2, null)));
        assertThat(difference.isEmpty()).isFalse();
        assertThat(difference.text())
                .isEqualTo(
                        """
                        @@,id,name
                        → ,1 ,'NULL'→NULL
                          ,2 ,NULL
                        """);
    }

    @Test
    void zerosAreOneNumberWhateverTheirSign() {
        assertThat(new RowDifference(COLUMNS, List.of(row(0.0, Double.NaN)), List.of(row(-0.0, Double.NaN))).isEmpty())
                .isTrue();
    }

    @Test
    void aRowTooFewIsOne() {
        RowDifference difference = new RowDifference(COLUMNS, List.of(row(2, "a"), row(2, "a")), List.of(row(2, "a")));
        assertThat(difference.isEmpty()).isFalse();
        assertThat(difference.text()).isEqualTo("@@ ,id,name\n   ,2 ,a\n---,2 ,a\n");
    }

    @Test
    void rowsFarFromAnyDifferenceAreLeftOut() {
        RowDifference difference = new RowDifference(
                COLUMNS,
                List.of(row(1, "a"), row(2, "b"), row(3, "c"), row(4, "d"), row(5, false)),
                List.of(row(1, "a"), row(2, "b"), row(3, "c"), row(4, "d"), row(5, true), row(6, null)));
        assertThat(difference.text())
                .isEqualTo(
                        """
                        @@ ,id ,name
                        ...,...,...
                           ,4  ,d
                        →  ,5  ,False→True
                        +++,6  ,NULL
                        """);
    }
}
