package dev.freshet.transform.project.execute;

import dev.freshet.transform.project.event.EventWindow;
import java.util.Optional;

/**
 * What references of a run read.
 *
 * @param isEmpty {@code --empty}: no rows
 * @param sample {@code --sample}: the rows of a window, of what has an {@code event_time}
 */
public record Reading(boolean isEmpty, Optional<EventWindow> sample) {

    /** Everything. */
    public static final Reading ALL = new Reading(false, Optional.empty());
}
