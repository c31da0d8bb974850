package dev.freshet.publisher.kafka;

import dev.freshet.publisher.Receipt;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.publisher.WitnessedCuts;
import dev.freshet.publisher.kafka.KafkaSettings.Pace;
import dev.freshet.publisher.kafka.LedgerState.OpenCut;
import dev.freshet.publisher.kafka.LedgerState.Partial;
import dev.freshet.publisher.kafka.ModelDelivery.Course;
import dev.freshet.publisher.kafka.Topics.Topic;
import dev.freshet.state.Cut;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.RowCursor;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StoredOutput;
import dev.freshet.state.TableId;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * One delivery: steps from cut to cut, each closed by the target's ledger record. Transactions end where their bound is reached, between
 * steps or within one; then the ledger says how far the step has come, and a later delivery goes on from there.
 */
final class KafkaDelivery {

    private final KafkaSession session;
    private final StateSnapshot snapshot;
    private final DeliveryPlan plan;
    private final LedgerState ledger;
    private final Clock clock;
    private Cut whole;
    private long chunk;
    private final Set<TableId> done = new HashSet<>();

    KafkaDelivery(
            KafkaSession session,
            StateSnapshot snapshot,
            WitnessedCuts witnessed,
            List<StoredOutput> outputs,
            Map<String, String> refused,
            Clock clock) {
        this.session = session;
        this.snapshot = snapshot;
        this.plan = DeliveryPlan.of(session, snapshot, witnessed, outputs, refused);
        this.ledger = session.ledger();
        this.clock = clock;
        this.whole = plan.base();
    }

    Receipt run() {
        plan.open().ifPresent(this::goOn);
        for (Cut cut : steps()) {
            step(cut, Optional.empty());
        }
        if (session.isInTransaction()) {
            session.commit(ledger);
        }
        List<TableReceipt> receipts = new ArrayList<>(plan.held());
        plan.deliveries()
                .values()
                .forEach(model -> receipts.add(model.receipt(session.settings().longestRecord())));
        return new Receipt(snapshot.cut(), receipts);
    }

    /** Ends the cut that was delivered in part, as it was begun. */
    private void goOn(OpenCut open) {
        chunk = open.chunk();
        done.addAll(open.done());
        step(cut(open.cut()), open.partial());
    }

    private Cut cut(long number) {
        if (number == snapshot.cut().number()) {
            return snapshot.cut();
        }
        return plan.deliveries().values().stream()
                .flatMap(model -> model.changedCuts().stream())
                .filter(cut -> cut.number() == number)
                .findAny()
                .orElse(new Cut(number, Cut.NONE.positions(), Cut.NONE.clock()));
    }

    /** The cuts to close, in order. The last one is the snapshot's, if there is anything to do or to note at all. */
    private List<Cut> steps() {
        TreeMap<Long, Cut> steps = new TreeMap<>();
        long last = snapshot.cut().number();
        boolean isLate = false;
        for (ModelDelivery model : plan.deliveries().values()) {
            if (model.course() == Course.FOLLOWING && session.settings().pace() == Pace.EVERY_CUT) {
                model.changedCuts().forEach(cut -> steps.put(cut.number(), cut));
            }
            isLate |= !model.standsAt(whole.number())
                    || ledger.model(model.table())
                            .filter(entry -> entry.behindAt().isPresent())
                            .isPresent();
        }
        steps.headMap(whole.number(), true).clear();
        boolean isOurs = ledger.target()
                .filter(target -> target.ownerEpoch() == session.owner().epoch()
                        && target.epoch().equals(snapshot.epoch()))
                .isPresent();
        if (isLate || !isOurs || whole.number() != last) {
            steps.put(last, snapshot.cut());
        }
        return List.copyOf(steps.values());
    }

    private void step(Cut cut, Optional<Partial> partial) {
        boolean isLast = cut.number() == snapshot.cut().number();
        for (ModelDelivery model : plan.deliveries().values()) {
            Optional<Partial> mine = partial.filter(under -> under.model().equals(model.table()));
            switch (model.course()) {
                case SETTLED -> {}
                case FOLLOWING -> follow(model, cut, mine);
                case CATCHING_UP -> {
                    if (isLast || mine.isPresent()) {
                        follow(model, cut, mine);
                    }
                }
                case RESTATED -> {
                    if (isLast) {
                        beginEpoch(model, cut);
                        restate(model, cut, Optional.empty());
                    }
                }
                case RESTATEMENT_RESUMED -> {
                    if (mine.isPresent()) {
                        restate(model, cut, mine);
                    } else if (isLast && model.through() < cut.number()) {
                        tell(model, cut, model.through(), Optional.empty());
                        model.reached(cut.number());
                    }
                }
            }
        }
        close(cut);
    }

    private void follow(ModelDelivery model, Cut cut, Optional<Partial> partial) {
        long after = partial.map(Partial::afterCut).orElse(model.through());
        if (cut.number() > model.through() && (partial.isPresent() || model.changedBy(cut.number()))) {
            tell(model, cut, after, partial);
        }
        model.reached(cut.number());
    }

    private void tell(ModelDelivery model, Cut cut, long after, Optional<Partial> partial) {
        try (RowCursor images =
                snapshot.images(model.table(), after, cut.number()).orElseThrow(() -> lost(model))) {
            teller(model, cut, after, partial).changes(images);
        }
        done.add(model.table());
    }

    private void beginEpoch(ModelDelivery model, Cut cut) {
        Topic topic = plan.topics().get(model.topic());
        Optional<LedgerState.Model> before = ledger.model(model.table());
        long epoch = Math.max(
                clock.millis(), before.map(entry -> entry.topicEpoch() + 1).orElse(0L));
        put(
                model.table(),
                new LedgerState.Model(
                        model.topic(),
                        topic.id(),
                        topic.partitions(),
                        epoch,
                        snapshot.epoch(),
                        DeliveryPlan.shape(model.output().schema()),
                        OptionalLong.empty(),
                        OptionalLong.of(cut.number())));
        teller(model, cut, -1, Optional.empty()).beginEpoch(topic.partitions());
    }

    private void restate(ModelDelivery model, Cut cut, Optional<Partial> partial) {
        ModelTeller teller = teller(model, cut, -1, partial);
        try (RowCursor rows = snapshot.imagesAt(model.table(), cut.number()).orElseThrow(() -> lost(model))) {
            teller.rows(rows);
        }
        put(model.table(), ledger.model(model.table()).orElseThrow().restated());
        done.add(model.table());
        model.reached(cut.number());
    }

    private ModelTeller teller(ModelDelivery model, Cut cut, long after, Optional<Partial> partial) {
        return new ModelTeller(
                session,
                model,
                cut,
                ledger.model(model.table()).orElseThrow().topicEpoch(),
                clock,
                partial.map(Partial::changes).orElse(0L),
                told -> endFullTransaction(cut, new Partial(model.table(), after, told)));
    }

    private void endFullTransaction(Cut cut, Partial partial) {
        if (session.isFull()) {
            chunk++;
            put(new LedgerState.Target(
                    session.owner().epoch(),
                    snapshot.epoch(),
                    whole,
                    Optional.of(new OpenCut(cut.number(), chunk, done, Optional.of(partial)))));
            session.commit(ledger);
        }
    }

    /** Writes the end-of-cut record, and the records of models that do not stand at the cut and of those that do so again. */
    private void close(Cut cut) {
        for (TableId table : ledger.models()) {
            LedgerState.Model entry = ledger.model(table).orElseThrow();
            if (entry.epoch().equals(snapshot.epoch()) && entry.restatingAt().isEmpty()) {
                OptionalLong behind = behind(table, entry, cut);
                if (!behind.equals(entry.behindAt())) {
                    put(table, entry.behindAt(behind));
                }
            }
        }
        put(new LedgerState.Target(session.owner().epoch(), snapshot.epoch(), cut, Optional.empty()));
        whole = cut;
        chunk = 0;
        done.clear();
        if (session.isFull()) {
            session.commit(ledger);
        }
    }

    private OptionalLong behind(TableId table, LedgerState.Model entry, Cut cut) {
        ModelDelivery model = plan.deliveries().get(table);
        if (model != null && model.standsAt(cut.number())) {
            return OptionalLong.empty();
        }
        if (model != null && model.through() >= 0) {
            return OptionalLong.of(model.through());
        }
        return entry.behindAt().isPresent() ? entry.behindAt() : OptionalLong.of(whole.number());
    }

    private void put(LedgerState.Target entry) {
        ledger.put(entry);
        session.sendLedger(entry);
    }

    private void put(TableId model, LedgerState.Model entry) {
        ledger.put(model, entry);
        session.sendLedger(model, entry);
    }

    private static FreshetException lost(ModelDelivery model) {
        return new FreshetException(
                ErrorKind.RETRYABLE,
                "the changes of model '" + model.table()
                        + "' can't be read in the state store any more; Freshet tries again");
    }
}
