package dev.freshet.publisher.kafka;

import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.state.Cut;
import dev.freshet.state.StoredOutput;
import dev.freshet.state.TableId;
import java.util.List;
import java.util.Optional;

/** What is to be done for one model in one delivery, and how far that is. */
final class ModelDelivery {

    /** How the topic gets to the snapshot's cut. */
    enum Course {
        /** It holds the model's rows already. */
        SETTLED,
        /** Cut by cut, with the target. */
        FOLLOWING,
        /** By the net change since the cut it was left behind at. */
        CATCHING_UP,
        /** By its whole contents, under a new epoch. */
        RESTATED,
        /** As RESTATED, at a past cut where that was begun; then by the net change. */
        RESTATEMENT_RESUMED
    }

    private final StoredOutput output;
    private final String topic;
    private final Course course;
    private final Method method;
    private final List<Cut> changedCuts;
    private long through;
    private long deleted;
    private long inserted;
    private long quarantined;

    /**
     * @param through the cut that the topic holds, -1 if it is to be restated
     * @param changedCuts the cuts after it at which the rows changed
     */
    ModelDelivery(
            StoredOutput output, String topic, Course course, Method method, long through, List<Cut> changedCuts) {
        this.output = output;
        this.topic = topic;
        this.course = course;
        this.method = method;
        this.through = through;
        this.changedCuts = List.copyOf(changedCuts);
    }

    StoredOutput output() {
        return output;
    }

    TableId table() {
        return output.model();
    }

    String topic() {
        return topic;
    }

    Course course() {
        return course;
    }

    List<Cut> changedCuts() {
        return changedCuts;
    }

    long through() {
        return through;
    }

    boolean changedBy(long cut) {
        return changedCuts.stream().anyMatch(changed -> changed.number() > through && changed.number() <= cut);
    }

    /** Whether the topic holds the rows of this cut, a past one included. */
    boolean standsAt(long cut) {
        return course == Course.SETTLED || through == cut;
    }

    void reached(long cut) {
        through = cut;
    }

    void count(long deletedRows, long insertedRows) {
        deleted += deletedRows;
        inserted += insertedRows;
    }

    void countQuarantined() {
        quarantined++;
    }

    TableReceipt receipt(int longestRecord) {
        Optional<String> problem = quarantined == 0
                ? Optional.empty()
                : Optional.of(
                        quarantined + " rows of '" + table() + "' are larger than the " + longestRecord
                                + " bytes that a record may have and were left out: raise 'max.request.size' under 'kafka:', and the topic's 'max.message.bytes'");
        return new TableReceipt(table(), method, deleted, inserted, quarantined, problem);
    }
}
