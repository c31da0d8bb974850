package dev.freshet.transform.project.partial;

import java.util.Locale;
import java.util.Optional;

/** Whether a load may use what the last one found out. */
public enum PartialParsing {
    /** As {@code flags:} of dbt_project.yml says, and yes when it says nothing. */
    AS_CONFIGURED,
    /** Every template is rendered, and nothing is kept. */
    OFF,
    ON;

    /**
     * @param flag {@code --partial-parse} or {@code --no-partial-parse}
     * @param variable {@code DBT_PARTIAL_PARSE}, which counts when there is no flag
     */
    public static PartialParsing of(Optional<Boolean> flag, Optional<String> variable) {
        return flag.or(() -> variable.filter(text -> !text.isBlank()).map(PartialParsing::isTrue))
                .map(isOn -> isOn ? ON : OFF)
                .orElse(AS_CONFIGURED);
    }

    /** @param configured {@code partial_parse} of dbt_project.yml */
    public boolean isOn(Optional<String> configured) {
        return switch (this) {
            case ON -> true;
            case OFF -> false;
            case AS_CONFIGURED -> configured.map(PartialParsing::isTrue).orElse(true);
        };
    }

    private static boolean isTrue(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "false", "f", "no", "n", "off", "0", "" -> false;
            default -> true;
        };
    }
}
