package dev.freshet.state.duckdb.catalog;

import dev.freshet.state.duckdb.session.Session;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;

/** What {@code now()}, {@code current_date} and their like mean in a session: one moment, whichever statement asks. */
public final class CutClock {

    private static final String VARIABLE = "freshet_clock";
    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);

    /** The functions behind DuckDB's keywords, and those that mean the same. */
    private static final Map<String, String> FUNCTIONS = Map.of(
            "now", ".at",
            "get_current_timestamp", ".at",
            "transaction_timestamp", ".at",
            "current_localtimestamp", ".local",
            "current_localtime", ".local::TIME",
            "get_current_time", ".local::TIME::TIMETZ",
            "current_date", ".local::DATE",
            "today", ".local::DATE");

    /** With one argument the age today; a macro hides every form of the function that it is named after. */
    private static final String AGE =
            "CREATE OR REPLACE TEMP MACRO age(freshet_moment) AS system.main.age(getvariable('"
                    + VARIABLE + "').local::DATE, freshet_moment),"
                    + " (freshet_end, freshet_moment) AS system.main.age(freshet_end, freshet_moment)";

    private CutClock() {}

    /** Once for a session. They shadow DuckDB's own, which follow the machine's clock. */
    public static void install(Session session) throws SQLException {
        for (Map.Entry<String, String> function : FUNCTIONS.entrySet()) {
            session.execute("CREATE OR REPLACE TEMP MACRO " + function.getKey() + "() AS getvariable('" + VARIABLE
                    + "')" + function.getValue());
        }
        session.execute(AGE);
    }

    /** @param zone where dates and local times are those of */
    public static void set(Session session, Instant now, ZoneId zone) throws SQLException {
        Instant at = now.truncatedTo(ChronoUnit.MICROS);
        session.execute("SET VARIABLE " + VARIABLE + " = {'at': TIMESTAMPTZ '"
                + TIMESTAMP.format(LocalDateTime.ofInstant(at, java.time.ZoneOffset.UTC)) + "+00', 'local': TIMESTAMP '"
                + TIMESTAMP.format(LocalDateTime.ofInstant(at, zone)) + "'}");
    }
}
