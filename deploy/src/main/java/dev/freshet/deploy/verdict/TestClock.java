package dev.freshet.deploy.verdict;

import dev.freshet.state.StateSnapshot;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;

/**
 * What a test takes for the time beside the cycle: now, and nothing before the cut that it is judged on. A source that stands still makes no cuts, and to
 * notice that is what many such tests are for.
 *
 * @param zone whose date {@code current_date} is
 */
record TestClock(Clock clock, ZoneId zone) {

    Instant set(StateSnapshot snapshot) {
        Instant cut = snapshot.cut().clock();
        Instant now = clock.instant();
        Instant moment = now.isBefore(cut) ? cut : now;
        snapshot.clock(moment, zone);
        return moment;
    }
}
