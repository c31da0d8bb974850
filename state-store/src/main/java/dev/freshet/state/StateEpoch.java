package dev.freshet.state;

import java.util.UUID;

/** The identity of one state store file. Cut numbers and deltas of different epochs can't be compared. */
public record StateEpoch(UUID id) {

    @Override
    public String toString() {
        return id.toString();
    }
}
