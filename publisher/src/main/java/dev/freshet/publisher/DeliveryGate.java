package dev.freshet.publisher;

import dev.freshet.state.StateSnapshot;
import java.util.Optional;

/** Decides which cuts may be delivered to a target. Asked on the publisher's thread, before each delivery. */
public interface DeliveryGate {

    /** Lets everything through. */
    DeliveryGate OPEN = snapshot -> Optional.empty();

    /** Why the target must not show this cut, for people; empty when it may. The same cut is always judged the same way. */
    Optional<String> objection(StateSnapshot snapshot);
}
