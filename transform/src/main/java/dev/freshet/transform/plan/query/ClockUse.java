package dev.freshet.transform.plan.query;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Whether a query gives other rows as time goes by, though nothing that it reads changes. */
public enum ClockUse {
    NONE,
    /** Other rows on another day. */
    DATE,
    /** Other rows at any moment. */
    TIME;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> DATES = Set.of("current_date", "today");
    private static final Set<String> TIMES = Set.of(
            "now",
            "get_current_timestamp",
            "current_timestamp",
            "transaction_timestamp",
            "current_localtimestamp",
            "localtimestamp",
            "current_localtime",
            "localtime",
            "get_current_time",
            "current_time",
            "ago",
            "pg_conf_load_time",
            "pg_postmaster_start_time");

    /** @param syntaxTree as the state store gives it; of a text that it can't read, {@link #NONE} */
    public static ClockUse of(String syntaxTree) {
        try {
            return of(JSON.readTree(syntaxTree));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a syntax tree is no JSON", e);
        }
    }

    /**
     * When a query gives other rows than it gave at a moment.
     *
     * @param zone whose midnight it is
     * @param interval how long those of another time will do
     */
    public Optional<Instant> next(Instant last, ZoneId zone, Duration interval) {
        return switch (this) {
            case NONE -> Optional.empty();
            case DATE ->
                Optional.of(LocalDate.ofInstant(last, zone)
                        .plusDays(1)
                        .atStartOfDay(zone)
                        .toInstant());
            case TIME -> Optional.of(last.plus(interval));
        };
    }

    private static ClockUse of(JsonNode node) {
        ClockUse use = named(node);
        for (JsonNode child : node) {
            ClockUse inner = of(child);
            use = inner.compareTo(use) > 0 ? inner : use;
        }
        return use;
    }

    /** What a function or a name asks for by itself, without what is below it. The keywords are written like columns. */
    static ClockUse named(JsonNode node) {
        JsonNode columns = node.path("column_names");
        String name = node.path("function_name")
                .asText(columns.size() == 1 ? columns.get(0).asText() : "")
                .toLowerCase(Locale.ROOT);
        boolean isAgeOfToday = name.equals("age") && node.path("arguments").size() == 1;
        if (DATES.contains(name) || isAgeOfToday) {
            return DATE;
        }
        return TIMES.contains(name) ? TIME : NONE;
    }
}
