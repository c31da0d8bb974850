package dev.freshet.publisher.kafka;

import dev.freshet.publisher.kafka.Envelope.Image;
import dev.freshet.publisher.kafka.Envelope.Op;
import dev.freshet.state.Cut;
import dev.freshet.state.Row;
import dev.freshet.state.RowCursor;
import java.time.Clock;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Turns images of one model at one cut into the records of its topic. The first ones are passed over if they were sent before. */
final class ModelTeller {

    private final KafkaSession session;
    private final ModelDelivery model;
    private final Envelope envelope;
    private final String source;
    private final String readSource;
    private final int longest;
    private final long skipped;
    private final LongConsumer beforeChange;
    private long told;

    /**
     * @param skipped how many changes were sent before
     * @param beforeChange called with the number of changes told so far: a transaction may end there
     */
    ModelTeller(
            KafkaSession session,
            ModelDelivery model,
            Cut cut,
            long epoch,
            Clock clock,
            long skipped,
            LongConsumer beforeChange) {
        this.session = session;
        this.model = model;
        this.envelope = new Envelope(model.output().schema(), clock);
        this.source = source(cut, epoch, Op.UPDATED);
        this.readSource = source(cut, epoch, Op.READ);
        this.longest = session.settings().longestRecord();
        this.skipped = skipped;
        this.beforeChange = beforeChange;
    }

    private String source(Cut cut, long epoch, Op op) {
        return envelope.source(session.owner().pipeline(), session.settings().output(), model.table(), epoch, cut, op);
    }

    /** Tells each partition that what it holds is void. */
    void beginEpoch(int partitions) {
        byte[] value = envelope.value(Op.TRUNCATED, null, null, source);
        for (int partition = 0; partition < partitions; partition++) {
            session.send(model.topic(), partition, Envelope.WHOLE, value);
        }
    }

    /** @param images see {@code StateSnapshot.images} */
    void changes(RowCursor images) {
        Image before = null;
        byte[] beforeKey = Envelope.WHOLE;
        while (images.next()) {
            Image image = image(images);
            byte[] key = envelope.key(image.row());
            boolean updates = before != null && Arrays.equals(beforeKey, key);
            if (before != null && !(updates && images.weight() > 0)) {
                tell(beforeKey, before, null);
                before = null;
            }
            if (images.weight() < 0) {
                before = image;
                beforeKey = key;
            } else {
                tell(key, before, image);
                before = null;
            }
        }
        if (before != null) {
            tell(beforeKey, before, null);
        }
    }

    /** @param images see {@code StateSnapshot.imagesAt} */
    void rows(RowCursor images) {
        while (images.next()) {
            told++;
            if (told > skipped) {
                beforeChange.accept(told - 1);
                Image image = image(images);
                send(envelope.key(image.row()), Op.READ, null, image, readSource);
            }
        }
    }

    private static Image image(RowCursor images) {
        @Nullable Object[] values = new Object[images.schema().columns().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = images.value(i);
        }
        return new Image(Row.of(values), Math.abs(images.weight()));
    }

    private void tell(byte[] key, @Nullable Image before, @Nullable Image after) {
        told++;
        if (told <= skipped) {
            return;
        }
        beforeChange.accept(told - 1);
        if (after == null) {
            delete(key, before);
        } else {
            send(key, before == null ? Op.CREATED : Op.UPDATED, before, after, source);
        }
    }

    private void send(byte[] key, Op op, @Nullable Image before, Image after, String from) {
        byte[] value = envelope.value(op, before, after, from);
        if (key.length + value.length > longest && before != null) {
            value = envelope.value(op, null, after, from);
        }
        if (key.length + value.length > longest) {
            model.countQuarantined();
            if (before != null) {
                delete(key, before);
            }
            return;
        }
        session.send(model.topic(), key, value);
        model.count(before == null ? 0 : before.copies(), after.copies());
    }

    /** A record that says so, and the tombstone by which a compacted topic forgets the key. */
    private void delete(byte[] key, @Nullable Image before) {
        byte[] value = envelope.value(Op.DELETED, before, null, source);
        if (key.length + value.length > longest) {
            value = envelope.value(Op.DELETED, null, null, source);
        }
        session.send(model.topic(), key, value);
        session.send(model.topic(), key, null);
        model.count(before == null ? 0 : before.copies(), 0);
    }
}
