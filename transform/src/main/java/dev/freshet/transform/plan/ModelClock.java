package dev.freshet.transform.plan;

import dev.freshet.state.RowMaintenance;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.query.ClockUse;
import dev.freshet.transform.project.node.Model;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Knows which models give other rows as time goes by, and when their time has come: at midnight for those that ask for the date, once in an interval for those
 * that ask for the time. When each ran last is remembered in the state store. Used by the cycle's thread, but for {@link #isDue()}.
 */
public final class ModelClock {

    private static final String KEY = "clock of ";

    private final Clock clock;
    private final ZoneId zone;
    private final Duration interval;
    private final Map<TableId, ClockUse> uses = new HashMap<>();
    private Instant now = Instant.EPOCH;
    private Optional<Instant> earliest = Optional.empty();
    private volatile Optional<Instant> next = Optional.empty();

    /**
     * @param zone whose midnight it is
     * @param interval between two runs of a model that asks for the time
     */
    public ModelClock(Clock clock, ZoneId zone, Duration interval) {
        this.clock = clock;
        this.zone = zone;
        this.interval = interval;
    }

    /** For maintainers whose cycles only changes begin. */
    static ModelClock stopped() {
        return new ModelClock(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC), ZoneOffset.UTC, Duration.ZERO);
    }

    /** Whether the time of some model has come. */
    boolean isDue() {
        return next.filter(at -> !at.isAfter(clock.instant())).isPresent();
    }

    void begin(StateTransaction transaction) {
        now = transaction.now();
        earliest = Optional.empty();
    }

    /** Every model was seen in this cycle. */
    void end() {
        next = earliest;
    }

    /** Whether a model's rows are of another time than they should be. */
    boolean isDue(StateTransaction transaction, Model model) {
        ClockUse use = use(transaction, model);
        if (use == ClockUse.NONE) {
            return false;
        }
        String last = transaction.recall(KEY + model.relation());
        if (last.isEmpty()) {
            return true;
        }
        Optional<Instant> later = use.next(Instant.parse(last), zone, interval).filter(due -> due.isAfter(now));
        later.ifPresent(this::wait);
        return later.isEmpty();
    }

    /** A model's rows are of this cycle's time. */
    void ran(StateTransaction transaction, Model model) {
        ClockUse use = use(transaction, model);
        if (use != ClockUse.NONE) {
            transaction.remember(KEY + model.relation(), now.toString());
            use.next(now, zone, interval).ifPresent(this::wait);
        }
    }

    private void wait(Instant due) {
        earliest = earliest.filter(other -> other.isBefore(due)).or(() -> Optional.of(due));
    }

    private ClockUse use(StateTransaction transaction, Model model) {
        return uses.computeIfAbsent(model.relation(), relation -> transaction
                .rowMaintenance()
                .map(rows -> ClockUse.of(syntaxTree(rows, model)))
                .orElse(ClockUse.NONE));
    }

    private static String syntaxTree(RowMaintenance rows, Model model) {
        return rows.syntaxTree(model.sql());
    }
}
