package dev.freshet.publisher.kafka;

import dev.freshet.publisher.Target;
import dev.freshet.publisher.TargetFactory;
import dev.freshet.state.Connection;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import java.time.Clock;
import java.util.Collection;
import java.util.List;

/** Outputs of type {@code kafka}. */
public final class KafkaTargetFactory implements TargetFactory {

    @Override
    public String id() {
        return "kafka";
    }

    @Override
    public Target create(Connection connection, Ownership owner) {
        return new KafkaTarget(KafkaSettings.of(connection), owner, Clock.systemUTC());
    }

    /** Asks the cluster how large it is. What a user may do there is known when it is tried only. */
    @Override
    public List<String> check(Connection connection, Collection<String> schemas) {
        try {
            KafkaSettings settings = KafkaSettings.of(connection);
            try (Topics topics = new Topics(settings)) {
                int brokers = topics.brokers();
                if (settings.replication() > brokers) {
                    return List.of("output '" + settings.output() + "' asks for a 'replication_factor' of "
                            + settings.replication() + " and the cluster has " + brokers
                            + " brokers: lower it, or leave it out to use the cluster's default");
                }
                return List.of();
            }
        } catch (FreshetException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }
}
