package dev.freshet.state;

import java.util.UUID;

/**
 * Whose a pipeline is: made with its staging and kept there, so that whoever shares the staging is the same owner, and a pipeline of the same name with another
 * staging is someone else's.
 *
 * @param name for people: user and host where the staging was made
 */
public record PipelineOwner(UUID id, String name) {

    @Override
    public String toString() {
        return name + " (" + id + ")";
    }
}
