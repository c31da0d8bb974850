package dev.freshet.publisher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.publisher.Publisher.State;
import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.state.Column;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Row;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The pace of delivery, against a target in memory that fails on demand. */
class PublisherTest {

    private static final TableId FIRST = new TableId("warehouse", "marts", "first");
    private static final TableId SECOND = new TableId("warehouse", "marts", "second");
    private static final TableSchema SCHEMA = new TableSchema(List.of(new Column("id", Simple.BIGINT)), List.of());
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final PublisherSettings QUICK =
            new PublisherSettings(Duration.ZERO, Duration.ofMillis(10), Duration.ofMillis(40), Duration.ofMillis(300));
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final MemoryStateStore store = new MemoryStateStore(100);
    private final MemoryTarget target = new MemoryTarget();
    private final List<Delivery> delivered = new CopyOnWriteArrayList<>();
    private final List<FreshetException> errors = new CopyOnWriteArrayList<>();
    /** What the gate says of cuts. */
    private final Map<Long, String> objections = new ConcurrentHashMap<>();

    private final List<Publisher> started = new ArrayList<>();

    /** Remembers which models and cuts it was given; what goes wrong is said beforehand. */
    private static final class MemoryTarget implements Target {
        private final List<List<PublishedModel>> calls = new CopyOnWriteArrayList<>();
        private final Deque<Supplier<RuntimeException>> failures = new ArrayDeque<>();
        private volatile Optional<TableId> held = Optional.empty();
        private volatile CountDownLatch gate = new CountDownLatch(0);
        private volatile boolean closed;

        synchronized void fail(int times, Supplier<RuntimeException> failure) {
            for (int i = 0; i < times; i++) {
                failures.add(failure);
            }
        }

        private synchronized Optional<Supplier<RuntimeException>> nextFailure() {
            return Optional.ofNullable(failures.poll());
        }

        @Override
        public Receipt publish(StateSnapshot snapshot, List<PublishedModel> models) {
            calls.add(models);
            try {
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            nextFailure().ifPresent(failure -> {
                throw failure.get();
            });
            return new Receipt(
                    snapshot.cut(),
                    models.stream()
                            .map(model -> held.equals(Optional.of(model.table()))
                                    ? TableReceipt.held(model.table(), "a view depends on it")
                                    : new TableReceipt(model.table(), Method.DELTA, 1, 2, 0, Optional.empty()))
                            .toList());
        }

        @Override
        public void retract(List<PublishedModel> models) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            closed = true;
            gate.countDown();
        }
    }

    @AfterEach
    void close() {
        started.forEach(Publisher::close);
    }

    private Publisher start(PublisherSettings settings) {
        DeliveryListener listener = new DeliveryListener() {
            @Override
            public void delivered(Delivery delivery) {
                delivered.add(delivery);
                throw new IllegalStateException("a listener's failure is its own");
            }

            @Override
            public void failed(String output, FreshetException error) {
                errors.add(error);
            }
        };
        Publisher publisher = new Publisher(
                "warehouse",
                target,
                store,
                List.of(new PublishedModel(FIRST, List.of()), new PublishedModel(SECOND, List.of())),
                settings,
                snapshot -> Optional.ofNullable(objections.get(snapshot.cut().number())),
                listener,
                Clock.fixed(NOW, ZoneOffset.UTC));
        started.add(publisher);
        publisher.start();
        return publisher;
    }

    private long cut(Publisher publisher) {
        long number = store.cycle()
                .put(FIRST, SCHEMA, List.of(Row.of(store.cut().number())))
                .commit()
                .number();
        publisher.cutAvailable();
        return number;
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("time is over").isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }

    @Test
    void aCutThatTheGateObjectsToIsNeverShown() throws Exception {
        Publisher publisher = start(QUICK);
        assertThat(publisher.awaitDelivered(cut(publisher), PATIENCE)).isTrue();
        long good = publisher.status().lastCut();
        objections.put(good + 1, "two rows share an id");
        objections.put(good + 2, "three rows share an id");
        assertThat(publisher.awaitDelivered(cut(publisher), PATIENCE))
                .as("nobody waits for what is held")
                .isTrue();
        assertThat(publisher.status().state()).isEqualTo(State.HELD);
        cut(publisher);
        await(() -> publisher
                .status()
                .withheld()
                .equals(Optional.of(new Publisher.Withheld(good + 2, "three rows share an id"))));
        assertThat(publisher.status().lastCut()).isEqualTo(good);
        assertThat(publisher.status().problem()).isEmpty();

        long mended = cut(publisher);
        assertThat(publisher.awaitDelivered(mended, PATIENCE)).isTrue();
        assertThat(publisher.status().state()).isEqualTo(State.RUNNING);
        assertThat(publisher.status().withheld()).isEmpty();
        await(() -> delivered.get(delivered.size() - 1).receipt().cut().number() == mended);
        assertThat(delivered).extracting(each -> each.receipt().cut().number()).doesNotContain(good + 1, good + 2);
    }

    @Test
    void aHeldTableIsNotTriedAgainWhileTheGateObjects() throws Exception {
        target.held = Optional.of(FIRST);
        Publisher publisher = start(QUICK);
        cut(publisher);
        await(() -> publisher.status().state() == State.FAILING);
        objections.put(store.cut().number() + 1, "two rows share an id");
        cut(publisher);
        await(() -> publisher.status().state() == State.HELD);
        int tries = target.calls.size();
        TimeUnit.MILLISECONDS.sleep(3 * QUICK.longestPause().toMillis());
        assertThat(target.calls).hasSize(tries);
    }

    @Test
    void deliversAtStartAndAfterEachSignal() throws Exception {
        Publisher publisher = start(QUICK);
        long cut = cut(publisher);
        assertThat(publisher.awaitDelivered(cut, PATIENCE)).isTrue();
        cut = cut(publisher);
        assertThat(publisher.awaitDelivered(cut, PATIENCE)).isTrue();
        assertThat(publisher.prunableThrough()).isEqualTo(cut);
        await(() -> !delivered.isEmpty()
                && delivered.get(delivered.size() - 1).receipt().cut().number() == 2);
        Publisher.Status status = publisher.status();
        assertThat(status.state()).isEqualTo(State.RUNNING);
        assertThat(status.lastCut()).isEqualTo(cut);
        assertThat(status.deliveredRows()).isEqualTo(6L * delivered.size());
        assertThat(status.tables().get(FIRST).throughCut()).isEqualTo(cut);
        assertThat(delivered.get(0).committedAt()).isEqualTo(NOW);
        int calls = target.calls.size();
        publisher.cutAvailable();
        publisher.cutAvailable();
        publisher.pause();
        assertThat(target.calls).as("nothing is new").hasSize(calls);
        assertThat(publisher.awaitDelivered(cut + 1, Duration.ofMillis(20))).isFalse();
    }

    @Test
    void cutsMadeDuringADeliveryComeAsOne() throws Exception {
        Publisher publisher = start(QUICK);
        publisher.awaitDelivered(cut(publisher), PATIENCE);
        target.gate = new CountDownLatch(1);
        int before = target.calls.size();
        cut(publisher);
        await(() -> target.calls.size() == before + 1);
        long last = 0;
        for (int i = 0; i < 50; i++) {
            last = cut(publisher);
        }
        target.gate.countDown();
        assertThat(publisher.awaitDelivered(last, PATIENCE)).isTrue();
        assertThat(target.calls).hasSize(before + 2);
    }

    @Test
    void failuresAreRetriedUntilTheyEnd() throws Exception {
        target.fail(3, () -> new FreshetException(ErrorKind.TARGET, "it is down"));
        target.fail(1, () -> new FreshetException(ErrorKind.OUTCOME_UNKNOWN, "the answer was lost"));
        target.fail(1, () -> new FreshetException(ErrorKind.RETRYABLE, "a lock"));
        target.fail(1, () -> new IllegalStateException("a defect"));
        store.cycle().commit();
        Publisher publisher = start(QUICK);
        await(() -> publisher.status().state() == State.FAILING);
        assertThat(publisher.prunableThrough()).isZero();
        assertThat(publisher.awaitDelivered(1, PATIENCE)).isTrue();
        assertThat(publisher.status().problem()).isEmpty();
        assertThat(publisher.status().state()).isEqualTo(State.RUNNING);
        assertThat(errors)
                .extracting(FreshetException::kind)
                .containsExactly(
                        ErrorKind.TARGET,
                        ErrorKind.TARGET,
                        ErrorKind.TARGET,
                        ErrorKind.OUTCOME_UNKNOWN,
                        ErrorKind.RETRYABLE,
                        ErrorKind.INTERNAL);
    }

    @Test
    void signalsDoNotShortenAPause() throws Exception {
        PublisherSettings slow = new PublisherSettings(
                Duration.ZERO, Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofMillis(100));
        target.fail(1, () -> new FreshetException(ErrorKind.TARGET, "it is down"));
        store.cycle().commit();
        Publisher publisher = start(slow);
        await(() -> publisher.status().state() == State.FAILING);
        for (int i = 0; i < 20; i++) {
            cut(publisher);
        }
        assertThat(publisher.awaitDelivered(1, Duration.ofMillis(100))).isFalse();
        assertThat(target.calls).hasSize(1);
        Publisher.Problem problem = publisher.status().problem().orElseThrow();
        assertThat(problem.message()).isEqualTo("it is down");
        assertThat(problem.since()).isEqualTo(NOW);
        // Someone mended it and says so.
        publisher.resume();
        assertThat(publisher.awaitDelivered(21, PATIENCE)).isTrue();
    }

    @Test
    void aFencedPublisherStopsForGood() throws Exception {
        target.fail(1, () -> new FencedException("another instance has taken over"));
        store.cycle().commit();
        Publisher publisher = start(QUICK);
        await(() -> publisher.status().state() == State.FENCED);
        cut(publisher);
        publisher.resume();
        assertThat(publisher.awaitDelivered(1, PATIENCE)).isFalse();
        assertThat(target.calls).hasSize(1);
    }

    @Test
    void pauseHoldsDeliveriesBack() throws Exception {
        Publisher publisher = start(QUICK);
        publisher.awaitDelivered(cut(publisher), PATIENCE);
        publisher.pause();
        int before = target.calls.size();
        long last = cut(publisher);
        assertThat(publisher.status().state()).isEqualTo(State.PAUSED);
        assertThat(publisher.awaitDelivered(last, Duration.ofMillis(50))).isFalse();
        assertThat(target.calls).hasSize(before);
        publisher.resume();
        assertThat(publisher.awaitDelivered(last, PATIENCE)).isTrue();
    }

    @Test
    void aHeldTableIsTriedAtItsOwnPace() throws Exception {
        PublisherSettings slow = new PublisherSettings(
                Duration.ZERO, Duration.ofMillis(400), Duration.ofSeconds(1), Duration.ofMillis(100));
        target.held = Optional.of(SECOND);
        store.cycle().commit();
        Publisher publisher = start(slow);
        await(() -> publisher.status().state() == State.FAILING);
        for (int i = 0; i < 5; i++) {
            long cut = cut(publisher);
            await(() -> publisher.status().tables().get(FIRST).throughCut() >= cut);
        }
        assertThat(publisher.status().tables().get(SECOND).throughCut()).isEqualTo(-1);
        assertThat(publisher.status().problem().orElseThrow().message()).isEqualTo("a view depends on it");
        assertThat(target.calls.stream().filter(models -> models.size() == 2)).hasSizeLessThan(4);
        target.held = Optional.empty();
        assertThat(publisher.awaitDelivered(6, PATIENCE))
                .as("without a new cut")
                .isTrue();
        assertThat(publisher.status().tables().get(SECOND).throughCut()).isEqualTo(6);
        assertThat(publisher.status().state()).isEqualTo(State.RUNNING);
    }

    @Test
    void replacedModelsAreDelivered() throws Exception {
        Publisher publisher = start(QUICK);
        publisher.awaitDelivered(cut(publisher), PATIENCE);
        publisher.replaceModels(List.of(new PublishedModel(SECOND, List.of())));
        assertThat(publisher.awaitDelivered(1, PATIENCE)).isTrue();
        assertThat(publisher.status().tables()).containsOnlyKeys(SECOND);
    }

    @Test
    void theIntervalIsKept() throws Exception {
        Publisher publisher = start(new PublisherSettings(
                Duration.ofMillis(300), Duration.ofMillis(10), Duration.ofMillis(10), Duration.ofMillis(100)));
        publisher.awaitDelivered(cut(publisher), PATIENCE);
        long started = System.nanoTime();
        publisher.awaitDelivered(cut(publisher), PATIENCE);
        publisher.awaitDelivered(cut(publisher), PATIENCE);
        assertThat(System.nanoTime() - started).isGreaterThan(300_000_000L);
    }

    @Test
    void closeIsBoundedWhenADeliveryHangs() throws Exception {
        target.gate = new CountDownLatch(1);
        store.cycle().commit();
        Publisher publisher = start(QUICK);
        await(() -> !target.calls.isEmpty());
        long before = System.nanoTime();
        publisher.close();
        assertThat(System.nanoTime() - before).isLessThan(2_000_000_000L);
        assertThat(target.closed).isTrue();
        assertThat(publisher.awaitDelivered(1, PATIENCE)).isTrue();
    }

    @Test
    void pausesGrowUpToTheirBound() {
        PublisherSettings settings = PublisherSettings.DEFAULT;
        assertThat(settings.pauseAfter(1)).isEqualTo(Duration.ofMillis(200));
        assertThat(settings.pauseAfter(4)).isEqualTo(Duration.ofMillis(1600));
        assertThat(settings.pauseAfter(Integer.MAX_VALUE)).isEqualTo(Duration.ofSeconds(30));
    }
}
