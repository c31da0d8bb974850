package dev.freshet.publisher.kafka;

import dev.freshet.publisher.LedgerEntry;
import dev.freshet.state.Cut;
import dev.freshet.state.StateEpoch;
import dev.freshet.state.TableId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger topic says of one target: a record for the target and one for each of its models. A model stands at the target's cut unless
 * its own record says otherwise, so that a cut costs one ledger record, not one a model.
 */
final class LedgerState {

    /**
     * How far a cut that is not whole yet has come.
     *
     * @param chunk how many transactions it has had
     * @param done models that have had all of the cut
     * @param partial the model under way
     */
    record OpenCut(long cut, long chunk, Set<TableId> done, Optional<Partial> partial) {
        OpenCut {
            done = Set.copyOf(done);
        }
    }

    /**
     * @param afterCut the changes under way are those after this cut; -1 when the whole contents are told
     * @param changes how many of them have been told
     */
    record Partial(TableId model, long afterCut, long changes) {}

    /**
     * The target's own record, which closes each cut.
     *
     * @param cut the last whole cut
     */
    record Target(long ownerEpoch, StateEpoch epoch, Cut cut, Optional<OpenCut> open) {}

    /**
     * A model's record.
     *
     * @param topicId Kafka's own id, which a topic that someone put in its place does not have
     * @param topicEpoch the number that the records of the last restatement and since carry
     * @param shape the columns and key that the records have
     * @param behindAt the cut it was left behind at, empty while it moves with the target
     * @param restatingAt the cut of a restatement that is not whole yet
     */
    record Model(
            String topic,
            String topicId,
            int partitions,
            long topicEpoch,
            StateEpoch epoch,
            String shape,
            OptionalLong behindAt,
            OptionalLong restatingAt) {

        Model behindAt(OptionalLong cut) {
            return new Model(topic, topicId, partitions, topicEpoch, epoch, shape, cut, restatingAt);
        }

        Model restated() {
            return new Model(
                    topic, topicId, partitions, topicEpoch, epoch, shape, OptionalLong.empty(), OptionalLong.empty());
        }
    }

    private @Nullable Target target;
    private final Map<TableId, Model> models = new HashMap<>();
    private final Map<String, Other> others = new HashMap<>();

    /** Another target's model. */
    private record Other(String topic, String pipeline) {}

    LedgerState() {}

    LedgerState(LedgerState other) {
        this.target = other.target;
        this.models.putAll(other.models);
        this.others.putAll(other.others);
    }

    Optional<Target> target() {
        return Optional.ofNullable(target);
    }

    Optional<Model> model(TableId model) {
        return Optional.ofNullable(models.get(model));
    }

    Set<TableId> models() {
        return new HashSet<>(models.keySet());
    }

    /** The pipeline that delivers another target's model to this topic. */
    Optional<String> otherPipeline(String topic) {
        return others.values().stream()
                .filter(other -> other.topic().equals(topic))
                .map(Other::pipeline)
                .findAny();
    }

    void put(Target record) {
        target = record;
    }

    void put(TableId model, Model record) {
        models.put(model, record);
    }

    void remove(TableId model) {
        models.remove(model);
    }

    /** @param key of the other target's record */
    void putOther(String key, String topic, String pipeline) {
        others.put(key, new Other(topic, pipeline));
    }

    void removeOther(String key) {
        others.remove(key);
    }

    long ownerEpoch() {
        return target == null ? 0 : target.ownerEpoch();
    }

    /** What a model's topic holds whole; empty if that can't be said, as in the middle of a restatement. */
    Optional<LedgerEntry> entry(TableId table) {
        Target current = target;
        Model model = models.get(table);
        if (current == null || model == null || model.restatingAt().isPresent()) {
            return Optional.empty();
        }
        // The target's cut counts in its own state epoch only; an entry of another one is restated whatever its number.
        long through = model.behindAt().orElse(current.cut().number());
        return Optional.of(new LedgerEntry(model.epoch(), through, current.ownerEpoch()));
    }
}
