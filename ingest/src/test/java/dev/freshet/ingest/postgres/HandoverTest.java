package dev.freshet.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.ingest.CapturedBatch;
import dev.freshet.ingest.CapturedChange;
import dev.freshet.ingest.ChangeSource.Limits;
import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.Row;
import dev.freshet.state.RowChange;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.testkit.Await;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a batch that is being filled is closed. */
class HandoverTest {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration NEVER = Duration.ofMinutes(10);

    private static final CapturedTable TABLE = new CapturedTable(
            new TableId("shop", "public", "orders"),
            new TableSchema(List.of(new Column("id", DataType.Simple.BIGINT)), List.of("id")),
            List.of(),
            false,
            1);

    private final Handover handover = new Handover("shop", table -> new ListBuffer());
    private final AtomicBoolean wanted = new AtomicBoolean();

    @AfterEach
    void close() {
        handover.close();
    }

    @Test
    void aBatchIsClosedOnceItIsWanted() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        BooleanSupplier asking = () -> {
            asked.incrementAndGet();
            return wanted.get();
        };
        commit(10);
        commit(20);
        CompletableFuture<Optional<CapturedBatch>> batch =
                take(new Limits(Duration.ZERO, NEVER, asking, PATIENCE, 100));
        Await.until("the batch's taker has asked several times", PATIENCE, () -> asked.get() > 5);
        assertThat(batch).isNotDone();
        wanted.set(true);
        assertThat(batch.get(5, TimeUnit.SECONDS).orElseThrow().end()).isEqualTo(LogPosition.of(20));
    }

    @Test
    void aBatchThatIsWantedIsFilledForItsInterval() throws Exception {
        wanted.set(true);
        CompletableFuture<Optional<CapturedBatch>> batch =
                take(new Limits(Duration.ofMillis(300), NEVER, wanted::get, PATIENCE, 100));
        long began = System.nanoTime();
        commit(10);
        assertThat(batch.get(5, TimeUnit.SECONDS)).isPresent();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(290));
    }

    @Test
    void aBatchThatNobodyWantsIsClosedInTheEnd() throws Exception {
        CompletableFuture<Optional<CapturedBatch>> batch =
                take(new Limits(Duration.ZERO, Duration.ofMillis(100), wanted::get, PATIENCE, 100));
        commit(10);
        assertThat(batch.get(5, TimeUnit.SECONDS)).isPresent();
    }

    @Test
    void aFullBatchIsClosedWhetherItIsWantedOrNot() throws Exception {
        CompletableFuture<Optional<CapturedBatch>> batch = take(new Limits(NEVER, NEVER, wanted::get, PATIENCE, 2));
        commit(10);
        commit(20);
        assertThat(batch.get(5, TimeUnit.SECONDS).orElseThrow().end()).isEqualTo(LogPosition.of(20));
    }

    private CompletableFuture<Optional<CapturedBatch>> take(Limits limits) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return handover.take(limits);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private void commit(long position) throws InterruptedException {
        handover.commit(position, Instant.EPOCH, new Handover.Transaction() {
            @Override
            public long rows() {
                return 1;
            }

            @Override
            public List<CapturedTable> tables() {
                return List.of();
            }

            @Override
            public void forEach(Handover.RowSink sink) {
                sink.row(
                        TABLE,
                        new CapturedChange(
                                new RowChange.Insert(Row.of(position), false), position, 1, 0, 0, Optional.empty()));
            }
        });
    }
}
