package dev.freshet.publisher.kafka;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;

/** A model's topic can't be brought to the cut for a reason of its own: the others are delivered without it. */
final class TopicHeldException extends FreshetException {

    private static final long serialVersionUID = 1L;

    private final String topic;

    TopicHeldException(String topic, String message) {
        super(ErrorKind.TARGET, message);
        this.topic = topic;
    }

    String topic() {
        return topic;
    }
}
