package dev.freshet.publisher;

import dev.freshet.state.FreshetException;

/** Is told what a {@link Publisher} does, on the publisher's own thread: be quick. What it throws is logged and ignored. */
public interface DeliveryListener {

    DeliveryListener NONE = delivery -> {};

    void delivered(Delivery delivery);

    /** A delivery failed; the publisher tries again unless {@code error} is a {@link FencedException}. */
    default void failed(String output, FreshetException error) {}
}
