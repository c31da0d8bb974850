package dev.freshet.deploy.live;

import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.execute.NodeExecution;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives delivered tables what the project says of them beside their rows, when they are made or made anew and when it says something else: grants, indexes,
 * comments, hooks. Never for a delta. Used by one thread.
 */
final class FinishedTables {

    private static final Logger LOG = LoggerFactory.getLogger(FinishedTables.class);
    private static final String REMEMBERED = "table of ";
    private static final Duration RETRY = Duration.ofMinutes(1);

    private final ParsedProject parsed;
    private final List<LiveNode> tables;
    private final Map<String, LiveMemory.Ran> ran;
    private final Clock clock;
    private final Consumer<String> notices;
    private final Map<String, Instant> failed = new HashMap<>();
    private final Map<String, String> problems = new HashMap<>();

    /** @param ran what was done, by {@link #key} */
    FinishedTables(
            ParsedProject parsed,
            List<LiveNode> tables,
            Map<String, LiveMemory.Ran> ran,
            Clock clock,
            Consumer<String> notices) {
        this.parsed = parsed;
        this.tables = tables;
        this.ran = ran;
        this.clock = clock;
        this.notices = notices;
    }

    static String key(LiveNode table) {
        return REMEMBERED + table.id();
    }

    boolean isEmpty() {
        return tables.isEmpty();
    }

    /** @return whether something was done that has to be remembered */
    boolean finishDue(Predicate<String> paused) {
        boolean done = false;
        for (LiveNode table : tables) {
            Instant last = failed.get(table.id());
            if (paused.test(table.output().name())
                    || last != null && clock.instant().isBefore(last.plus(RETRY))) {
                continue;
            }
            try {
                done |= finish(table);
            } catch (FreshetException e) {
                failed.put(table.id(), clock.instant());
                LOG.debug(
                        "table of model '{}' could not be finished",
                        table.node().name(),
                        e);
                String problem = e.getMessage().strip().replaceAll("\\s*\\R\\s*", " ");
                if (!problem.equals(problems.put(table.id(), problem))) {
                    notices.accept("table of model '" + table.node().name()
                            + "': its hooks, grants, indexes or comments failed: " + problem);
                }
            }
        }
        return done;
    }

    private boolean finish(LiveNode table) {
        TableId relation = table.relation();
        String identity =
                InputMarks.identities(table.output(), List.of(relation)).get(relation);
        LiveMemory.Ran last = ran.get(key(table));
        if (identity == null
                || last != null
                        && last.fingerprint().equals(table.fingerprint())
                        && identity.equals(last.marks().get(relation.toString()))) {
            return false;
        }
        Instant began = clock.instant();
        NodeExecution execution = parsed.execution();
        try (Databases live = Databases.live()) {
            execution.comment(table.id(), live);
            execution.finish(table.id(), live);
        }
        LOG.info(
                "table of model '{}' has its hooks, grants, indexes and comments",
                table.node().name());
        ran.put(
                key(table),
                new LiveMemory.Ran(
                        table.fingerprint(),
                        began,
                        Duration.between(began, clock.instant()),
                        Map.of(relation.toString(), identity),
                        last == null ? 1 : last.runs() + 1,
                        Map.of()));
        failed.remove(table.id());
        if (problems.remove(table.id()) != null) {
            notices.accept("table of model '" + table.node().name() + "' has its hooks, grants, indexes and comments");
        }
        return true;
    }
}
