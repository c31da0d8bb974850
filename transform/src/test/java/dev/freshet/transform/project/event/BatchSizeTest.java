package dev.freshet.transform.project.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.state.FreshetException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The spans of dbt's own examples. */
class BatchSizeTest {

    @ParameterizedTest
    @CsvSource({
        "HOUR,  2024-09-17T16:06:00Z, 2024-09-17T17:00:00Z, 20240917T16",
        "DAY,   2024-09-17T16:06:00Z, 2024-09-18T00:00:00Z, 20240917",
        "MONTH, 2024-09-17T16:06:00Z, 2024-10-01T00:00:00Z, 20240901",
        "YEAR,  2024-09-17T16:06:00Z, 2025-01-01T00:00:00Z, 20240101",
        "DAY,   2024-09-17T00:00:00Z, 2024-09-17T00:00:00Z, 20240917",
        "MONTH, 2024-09-01T00:00:00Z, 2024-09-01T00:00:00Z, 20240901"
    })
    void timesBelongToBatches(BatchSize size, Instant time, Instant ceiling, String label) {
        assertThat(size.ceiling(time)).isEqualTo(ceiling);
        Instant start = size.batches(time, ceiling.plusSeconds(1)).get(0).start();
        assertThat(size.label(start)).isEqualTo(label);
    }

    @Test
    void aRunLooksBackWholeBatches() {
        Instant end = Instant.parse("2024-09-18T00:00:00Z");
        assertThat(BatchSize.DAY.start(end, 1)).isEqualTo("2024-09-16T00:00:00Z");
        assertThat(BatchSize.MONTH.start(Instant.parse("2024-10-01T00:00:00Z"), 0))
                .isEqualTo("2024-09-01T00:00:00Z");
        assertThat(BatchSize.HOUR.start(Instant.parse("2024-09-18T01:30:00Z"), 2))
                .isEqualTo("2024-09-17T23:00:00Z");
    }

    @Test
    void theLastBatchEndsWithTheRun() {
        List<EventWindow> batches =
                BatchSize.MONTH.batches(Instant.parse("2024-01-15T00:00:00Z"), Instant.parse("2024-03-05T00:00:00Z"));
        assertThat(batches)
                .extracting(EventWindow::startText)
                .containsExactly("2024-01-01 00:00:00+00:00", "2024-02-01 00:00:00+00:00", "2024-03-01 00:00:00+00:00");
        assertThat(batches.get(2).endText()).isEqualTo("2024-03-05 00:00:00+00:00");
    }

    @Test
    void samplesAreWindowsBeforeNow() {
        Instant now = Instant.parse("2024-03-31T12:00:00.5Z");
        assertThat(EventWindow.before(now, "3 days").startText()).isEqualTo("2024-03-28 12:00:00.500000+00:00");
        assertThat(EventWindow.before(now, "1 Month").startText()).isEqualTo("2024-02-29 12:00:00.500000+00:00");
        assertThatThrownBy(() -> EventWindow.before(now, "3 weeks"))
                .isInstanceOf(FreshetException.class)
                .hasMessageContaining("Invalid grain size 'weeks'. Must be one of hour, day,");
        assertThatThrownBy(() -> EventWindow.before(now, "three days"))
                .hasMessage("Unable to convert 'three' to an integer.");
        assertThatThrownBy(() -> EventWindow.before(now, "days"))
                .hasMessageContaining("Must be of form 'DAYS_INT GRAIN_SIZE'.");
    }
}
