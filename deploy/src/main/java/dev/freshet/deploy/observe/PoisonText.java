package dev.freshet.deploy.observe;

import dev.freshet.state.PoisonRows;
import java.util.Locale;

/** What a person is told of source rows that are left out. */
public final class PoisonText {

    private PoisonText() {}

    public static String of(PoisonRows poison) {
        return String.format(
                Locale.ROOT,
                "%,d %s of table '%s.%s' %s left out of every model until mended at the source: %s",
                poison.rows(),
                poison.rows() == 1 ? "row" : "rows",
                poison.table().schema(),
                poison.table().name(),
                poison.rows() == 1 ? "is" : "are",
                poison.reason());
    }
}
