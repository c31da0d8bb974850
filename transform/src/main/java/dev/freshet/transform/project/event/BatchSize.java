package dev.freshet.transform.project.event;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The span of event time that one batch of a microbatch model covers, in UTC. */
public enum BatchSize {
    HOUR(ChronoUnit.HOURS, "yyyyMMdd'T'HH"),
    DAY(ChronoUnit.DAYS, "yyyyMMdd"),
    MONTH(ChronoUnit.MONTHS, "yyyyMMdd"),
    YEAR(ChronoUnit.YEARS, "yyyyMMdd");

    /** A hundred years of hours: more is a mistake in 'begin'. */
    private static final int MOST_BATCHES = 900_000;

    private final ChronoUnit unit;
    private final DateTimeFormatter label;

    BatchSize(ChronoUnit unit, String pattern) {
        this.unit = unit;
        this.label = DateTimeFormatter.ofPattern(pattern, Locale.ROOT);
    }

    /** {@code hour}, {@code day}, {@code month}, {@code year}. */
    public static Optional<BatchSize> named(String name) {
        for (BatchSize size : values()) {
            if (size.name().toLowerCase(Locale.ROOT).equals(name)) {
                return Optional.of(size);
            }
        }
        return Optional.empty();
    }

    OffsetDateTime before(OffsetDateTime time, long count) {
        return time.minus(count, unit);
    }

    private OffsetDateTime floor(Instant time) {
        OffsetDateTime utc = time.atOffset(ZoneOffset.UTC);
        return switch (this) {
            case HOUR, DAY -> utc.truncatedTo(unit);
            case MONTH -> utc.truncatedTo(ChronoUnit.DAYS).withDayOfMonth(1);
            case YEAR -> utc.truncatedTo(ChronoUnit.DAYS).withDayOfYear(1);
        };
    }

    /** The end of the batch that a time belongs to; a time between two batches is its own. */
    public Instant ceiling(Instant time) {
        OffsetDateTime floor = floor(time);
        return floor.toInstant().equals(time) ? time : floor.plus(1, unit).toInstant();
    }

    /**
     * Where a run that continues begins.
     *
     * @param end of its last batch
     * @param lookback how many whole batches before the last one are built again
     */
    public Instant start(Instant end, int lookback) {
        OffsetDateTime floor = floor(end);
        int batches = floor.toInstant().equals(end) ? lookback + 1 : lookback;
        return floor.minus(batches, unit).toInstant();
    }

    /**
     * Batches one after the other; there is always one, and the last ends where the run ends.
     *
     * @param start in the first batch
     * @throws IllegalArgumentException when there are more than anyone can want
     */
    public List<EventWindow> batches(Instant start, Instant end) {
        List<EventWindow> batches = new ArrayList<>();
        OffsetDateTime at = floor(start);
        do {
            OffsetDateTime next = at.plus(1, unit);
            batches.add(new EventWindow(at.toInstant(), next.toInstant()));
            at = next;
            if (batches.size() > MOST_BATCHES) {
                throw new IllegalArgumentException("more than " + MOST_BATCHES + " batches from " + start);
            }
        } while (at.toInstant().isBefore(end));
        EventWindow last = batches.remove(batches.size() - 1);
        batches.add(new EventWindow(last.start(), end));
        return batches;
    }

    /** {@code 20240131}, or {@code 20240131T12}. */
    public String label(Instant start) {
        return label.format(start.atOffset(ZoneOffset.UTC));
    }
}
