package dev.freshet.publisher.kafka;

import dev.freshet.publisher.Approach;
import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.publisher.WitnessedCuts;
import dev.freshet.publisher.kafka.LedgerState.OpenCut;
import dev.freshet.publisher.kafka.ModelDelivery.Course;
import dev.freshet.publisher.kafka.Topics.Topic;
import dev.freshet.state.Column;
import dev.freshet.state.Cut;
import dev.freshet.state.FreshetException;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StoredOutput;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How each model's topic gets from what the ledger says to a snapshot's cut. Making the plan creates topics that are missing.
 *
 * @param base the last cut that the target holds whole, {@link Cut#NONE} when that cut can't be built on
 * @param open the cut that was delivered in part, if it can be gone on with
 * @param topics by name
 */
record DeliveryPlan(
        Cut base,
        Optional<OpenCut> open,
        Map<TableId, ModelDelivery> deliveries,
        Map<String, Topic> topics,
        List<TableReceipt> held) {

    private static final Logger LOG = LoggerFactory.getLogger(DeliveryPlan.class);

    /** @param refused topics that took no records in an earlier attempt, and why */
    static DeliveryPlan of(
            KafkaSession session,
            StateSnapshot snapshot,
            WitnessedCuts witnessed,
            List<StoredOutput> outputs,
            Map<String, String> refused) {
        if (outputs.stream()
                .anyMatch(output -> session.ledger().model(output.model()).isEmpty())) {
            // Others may have begun to deliver there since we looked.
            session.refreshLedger();
        }
        Optional<LedgerState.Target> target = session.ledger()
                .target()
                .filter(entry -> entry.epoch().equals(snapshot.epoch()))
                .filter(entry -> entry.cut().number() <= snapshot.cut().number());
        Optional<OpenCut> open = target.flatMap(LedgerState.Target::open)
                .filter(cut -> cut.cut() <= snapshot.cut().number());
        DeliveryPlan plan = new DeliveryPlan(
                target.map(LedgerState.Target::cut).orElse(Cut.NONE),
                open,
                new LinkedHashMap<>(),
                session.topics()
                        .describe(outputs.stream()
                                .map(output -> session.settings().names().topic(output.model()))
                                .toList()),
                new ArrayList<>());
        for (StoredOutput output : outputs) {
            try {
                String topic = session.settings().names().topic(output.model());
                if (refused.containsKey(topic)) {
                    throw new TopicHeldException(topic, refused.get(topic));
                }
                plan.deliveries.put(output.model(), plan.plan(session, snapshot, witnessed, output));
            } catch (TopicHeldException e) {
                plan.held.add(TableReceipt.held(output.model(), String.valueOf(e.getMessage())));
            }
        }
        return plan;
    }

    private ModelDelivery plan(
            KafkaSession session, StateSnapshot snapshot, WitnessedCuts witnessed, StoredOutput output) {
        TableId table = output.model();
        String topic = session.settings().names().topic(table);
        Optional<LedgerState.Model> entry = session.ledger().model(table);
        boolean intact =
                entry.filter(model -> isIntact(model, topic, output.schema())).isPresent();
        if (intact && isRestating(entry.orElseThrow(), snapshot, table)) {
            return new ModelDelivery(output, topic, Course.RESTATEMENT_RESUMED, Method.RESTATEMENT, -1, List.of());
        }
        Approach approach = Approach.of(session.ledger().entry(table), snapshot, output, witnessed);
        if (approach instanceof Approach.Restatement restatement) {
            return restate(session, output, topic, restatement.reason());
        }
        if (!intact) {
            return restate(session, output, topic, "its topic or the model's columns are not those of the ledger");
        }
        if (approach instanceof Approach.Delta delta) {
            boolean isDone = open.filter(cut -> cut.done().contains(table)).isPresent();
            long through = isDone ? open.orElseThrow().cut() : delta.afterCut();
            Optional<List<Cut>> changed = snapshot.changedCuts(table, through);
            if (changed.isEmpty()) {
                return restate(session, output, topic, "the delta log does not reach back to its last delivery");
            }
            Course course = isDone || through == base.number() ? Course.FOLLOWING : Course.CATCHING_UP;
            return new ModelDelivery(output, topic, course, Method.DELTA, through, changed.get());
        }
        return new ModelDelivery(output, topic, Course.SETTLED, Method.UNCHANGED, -1, List.of());
    }

    private boolean isIntact(LedgerState.Model entry, String topic, TableSchema schema) {
        Topic there = topics.get(topic);
        return there != null
                && entry.topic().equals(topic)
                && entry.topicId().equals(there.id())
                && entry.partitions() == there.partitions()
                && entry.shape().equals(shape(schema));
    }

    /** Whether the open cut's restatement of a model can be gone on with. */
    private boolean isRestating(LedgerState.Model entry, StateSnapshot snapshot, TableId table) {
        long cut = open.map(OpenCut::cut).orElse(-1L);
        return open.flatMap(OpenCut::partial)
                        .filter(under -> under.model().equals(table) && under.afterCut() < 0)
                        .isPresent()
                && entry.restatingAt().isPresent()
                && entry.restatingAt().getAsLong() == cut
                && entry.epoch().equals(snapshot.epoch())
                && (cut == snapshot.cut().number()
                        || snapshot.changedCuts(table, cut).isPresent());
    }

    private ModelDelivery restate(KafkaSession session, StoredOutput output, String topic, String reason) {
        TableId table = output.model();
        if (session.ledger().model(table).isEmpty()) {
            session.ledger().otherPipeline(topic).ifPresent(other -> {
                throw new TopicHeldException(
                        topic,
                        "topic '" + topic + "' is delivered by pipeline '" + other
                                + "': give the output another 'topic_prefix' or the model an alias, or retract it there");
            });
        }
        boolean isNew = !topics.containsKey(topic);
        if (isNew) {
            create(session, table, topic);
        }
        LOG.info("{} topic '{}': {}", isNew ? "creating" : "restating", topic, reason);
        return new ModelDelivery(
                output, topic, Course.RESTATED, isNew ? Method.CREATION : Method.RESTATEMENT, -1, List.of());
    }

    private void create(KafkaSession session, TableId table, String topic) {
        try {
            session.topics().create(topic);
        } catch (FreshetException e) {
            if (KafkaErrors.isTransient(e.getCause())) {
                throw e;
            }
            throw new TopicHeldException(
                    topic,
                    "topic '" + topic + "' of model '" + table + "' can't be created: "
                            + KafkaErrors.message(e.getCause() == null ? e : e.getCause())
                            + ". Create it yourself, or change the output's settings under 'topic:'");
        }
        topics.put(topic, session.topics().awaitCreated(topic));
    }

    /** Column names, types and key in one text. */
    static String shape(TableSchema schema) {
        return schema.columns().stream().map(DeliveryPlan::shape).collect(Collectors.joining(", ")) + " key "
                + schema.key();
    }

    private static String shape(Column column) {
        return "\"" + column.name().replace("\"", "\"\"") + "\" "
                + column.type().sql();
    }
}
