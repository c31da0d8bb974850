package dev.freshet.state.duckdb.session;

import java.util.LinkedHashSet;
import java.util.List;

/** Which statements came lately, by text. Those that come again are worth keeping; others, the names of files in them for one, come once. */
final class RecentTexts {

    /** What several cycles run. Texts are not kept, only numbers made of them. */
    private static final int MOST = 4_000;

    private static final List<String> WORTH_KEEPING = List.of("INSERT ", "DELETE ", "UPDATE ", "SELECT ", "WITH ");

    private final LinkedHashSet<Long> recent = new LinkedHashSet<>();

    /** Whether a text that reads or changes rows came before. From now on it has. */
    boolean cameBefore(String sql) {
        if (WORTH_KEEPING.stream().noneMatch(sql::startsWith)) {
            return false;
        }
        long text = (long) sql.length() << 32 | sql.hashCode() & 0xffffffffL;
        boolean cameBefore = recent.remove(text);
        recent.add(text);
        if (recent.size() > MOST) {
            recent.remove(recent.iterator().next());
        }
        return cameBefore;
    }
}
