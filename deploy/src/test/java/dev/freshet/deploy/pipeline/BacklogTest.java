package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.deploy.pipeline.Backlog.Offer;
import dev.freshet.deploy.pipeline.Backlog.Waiting;
import dev.freshet.ingest.StagingArea;
import dev.freshet.state.BatchId;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class BacklogTest {

    private static final SourcePosition CUT = at(10);

    /** What is staged and durable. */
    private Optional<StagedBatch> staged = Optional.empty();

    private final Backlog backlog = new Backlog("crm", List.of(), staging(), 3);

    @Test
    void whatIsOfferedCanBeTakenBeforeItIsDurable() throws Exception {
        begin();
        StagedBatch batch = batch(10, 20);
        Offer offer = backlog.offer(batch);
        assertThat(backlog.isEmpty()).isFalse();
        Waiting taken = onlyTaken();
        assertThat(taken.batch()).isEqualTo(batch);
        assertThat(taken.staged()).isNotDone();
        offer.staged();
        assertThat(taken.staged()).isDone();
        assertThat(taken.staged().get()).isNull();
        assertThat(backlog.isEmpty()).as("it comes once").isTrue();
    }

    @Test
    void whatIsOfferedWhileNothingIsRememberedComesOnceItIsDurable() {
        StagedBatch batch = batch(10, 20);
        Offer offer = backlog.offer(batch);
        begin();
        assertThat(backlog.isEmpty()).isTrue();
        offer.staged();
        Waiting taken = onlyTaken();
        assertThat(taken.batch()).isEqualTo(batch);
        assertThat(taken.staged()).isDone();
    }

    @Test
    void whatWasForgottenMeanwhileComesAgain() {
        begin();
        StagedBatch batch = batch(10, 20);
        Offer offer = backlog.offer(batch);
        assertThat(onlyTaken().batch()).isEqualTo(batch);
        // The cycle failed, and the next one reads staging before the batch is there.
        backlog.forget();
        begin();
        offer.staged();
        assertThat(onlyTaken().batch()).isEqualTo(batch);
    }

    @Test
    void whatIsDurableBeforeStagingIsReadIsFoundThere() {
        begin();
        StagedBatch batch = batch(10, 20);
        Offer offer = backlog.offer(batch);
        backlog.forget();
        staged = Optional.of(batch);
        offer.staged();
        assertThat(onlyTaken().batch()).isEqualTo(batch);
        assertThat(backlog.isEmpty()).isTrue();
    }

    @Test
    void whatFailedIsNotThereAnyMore() {
        begin();
        Offer taken = backlog.offer(batch(10, 20));
        Waiting under = onlyTaken();
        Offer waiting = backlog.offer(batch(20, 30));
        taken.failed("no space left");
        waiting.failed("no space left");
        assertThatThrownBy(() -> under.staged().get())
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("no space left");
        assertThat(backlog.take(CUT)).isEmpty();
        assertThat(backlog.isEmpty()).isTrue();
    }

    @Test
    void tooMuchIsReadFromStaging() {
        begin();
        for (int i = 1; i <= 4; i++) {
            backlog.offer(batch(i * 10, i * 10 + 10)).staged();
        }
        StagedBatch all = batch(10, 50);
        staged = Optional.of(all);
        assertThat(onlyTaken().batch()).isEqualTo(all);
    }

    /** Staging has been read and holds nothing. */
    private void begin() {
        assertThat(backlog.take(CUT)).isEmpty();
    }

    private Waiting onlyTaken() {
        List<Waiting> taken = backlog.take(CUT);
        assertThat(taken).hasSize(1);
        return taken.get(0);
    }

    private static SourcePosition at(long ordinal) {
        return new SourcePosition(ordinal, "lsn " + ordinal);
    }

    private static StagedBatch batch(long start, long end) {
        return new StagedBatch(new BatchId("crm", end), at(start), at(end), Instant.EPOCH, 1, List.of());
    }

    private StagingArea staging() {
        return (StagingArea) Proxy.newProxyInstance(
                StagingArea.class.getClassLoader(), new Class<?>[] {StagingArea.class}, (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("pending");
                    return staged;
                });
    }
}
