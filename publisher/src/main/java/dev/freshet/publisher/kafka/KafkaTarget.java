package dev.freshet.publisher.kafka;

import dev.freshet.publisher.PublishedModel;
import dev.freshet.publisher.Receipt;
import dev.freshet.publisher.Target;
import dev.freshet.publisher.WitnessedCuts;
import dev.freshet.publisher.kafka.Topics.Topic;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StoredOutput;
import dev.freshet.state.TableId;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers to topics, one a model, exactly once for readers of committed records: changes and ledger go in the same transactions. {@link #close}
 * may be called by any thread and breaks off what is under way.
 */
final class KafkaTarget implements Target {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaTarget.class);

    private final KafkaSettings settings;
    private final Ownership owner;
    private final Clock clock;
    private final WitnessedCuts witnessed = new WitnessedCuts();
    private volatile @Nullable KafkaSession session;
    private volatile boolean closed;

    KafkaTarget(KafkaSettings settings, Ownership owner, Clock clock) {
        this.settings = settings;
        this.owner = owner;
        this.clock = clock;
    }

    @Override
    public Receipt publish(StateSnapshot snapshot, List<PublishedModel> models) {
        List<StoredOutput> outputs = models.stream()
                .map(model -> snapshot.output(model.table()))
                .flatMap(Optional::stream)
                .toList();
        if (outputs.isEmpty()) {
            return new Receipt(snapshot.cut(), List.of());
        }
        Map<String, String> refused = new HashMap<>();
        while (true) {
            try {
                return inSession(open -> {
                    Receipt receipt = new KafkaDelivery(open, snapshot, witnessed, outputs, refused, clock).run();
                    witnessed.note(receipt, snapshot);
                    return receipt;
                });
            } catch (TopicHeldException e) {
                // Each attempt names another topic, so there are at most as many as models.
                if (refused.put(e.topic(), String.valueOf(e.getMessage())) != null) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void retract(List<PublishedModel> models) {
        List<PublishedModel> reversed = new ArrayList<>(models);
        Collections.reverse(reversed);
        inSession(open -> {
            for (PublishedModel model : reversed) {
                open.ledger().model(model.table()).ifPresent(entry -> retract(open, model.table(), entry));
            }
            return reversed;
        });
    }

    private void retract(KafkaSession open, TableId table, LedgerState.Model entry) {
        LedgerState ledger = open.ledger();
        // A topic can't be deleted in a transaction: first it is made sure that nobody has taken over.
        LedgerState.Target target = ledger.target().orElseThrow();
        LedgerState.Target ours = new LedgerState.Target(owner.epoch(), target.epoch(), target.cut(), target.open());
        ledger.put(ours);
        open.sendLedger(ours);
        open.commit(ledger);
        Map<String, Topic> there = open.topics().describe(List.of(entry.topic()));
        if (there.containsKey(entry.topic())) {
            if (there.get(entry.topic()).id().equals(entry.topicId())) {
                open.topics().delete(entry.topic());
            } else {
                LOG.warn(
                        "topic '{}' is not the one that Freshet delivered: only its ledger entry is removed",
                        entry.topic());
            }
        }
        ledger.remove(table);
        open.sendLedger(table, null);
        open.commit(ledger);
        witnessed.forget(table);
    }

    /** After any failure the session is given up: the next call shuts its transaction out and reads the ledger anew. */
    private <T> T inSession(Function<KafkaSession, T> work) {
        KafkaSession open = session;
        if (open == null) {
            open = KafkaSession.open(settings, owner);
            session = open;
        }
        boolean done = false;
        try {
            if (closed) {
                throw new FreshetException(ErrorKind.RETRYABLE, "output '" + settings.output() + "' was closed");
            }
            T result = work.apply(open);
            done = true;
            return result;
        } finally {
            if (!done) {
                session = null;
                open.close();
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        KafkaSession open = session;
        if (open != null) {
            open.close();
        }
    }
}
