package dev.freshet.ingest.postgres;

import dev.freshet.ingest.CapturedChange;
import dev.freshet.ingest.ChangeBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A buffer in memory. */
final class ListBuffer implements ChangeBuffer {

    private final List<CapturedChange> changes = new ArrayList<>();

    @Override
    public void add(CapturedChange change) {
        changes.add(change);
    }

    @Override
    public long size() {
        return changes.size();
    }

    @Override
    public void forEach(Consumer<CapturedChange> reader) {
        changes.forEach(reader);
    }

    @Override
    public void close() {
        changes.clear();
    }
}
