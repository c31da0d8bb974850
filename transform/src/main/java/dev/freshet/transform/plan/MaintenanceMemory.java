package dev.freshet.transform.plan;

import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the maintainer knows of each model from one cycle to the next: the fingerprint of the text its rows were computed from and whether it
 * missed changes since. Kept as one value in the state store's transaction: a cycle costs one look-up, and one write when something changed.
 */
final class MaintenanceMemory {

    private static final String KEY = "maintenance";
    private static final String VERSION = "1";

    /** @param fingerprint empty while the model has no rows yet */
    record Entry(String fingerprint, boolean missedChanges) {}

    private final Map<TableId, Entry> entries;
    private final String before;

    private MaintenanceMemory(Map<TableId, Entry> entries, String before) {
        this.entries = entries;
        this.before = before;
    }

    /** Reads what earlier cycles remembered. A value of another version counts as nothing: all models are computed again. */
    static MaintenanceMemory recall(StateTransaction transaction) {
        String text = transaction.recall(KEY);
        Map<TableId, Entry> entries = new TreeMap<>();
        List<String> lines = text.lines().toList();
        if (!lines.isEmpty() && lines.get(0).equals(VERSION)) {
            for (String line : lines.subList(1, lines.size())) {
                List<String> fields = fields(line);
                entries.put(
                        new TableId(fields.get(0), fields.get(1), fields.get(2)),
                        new Entry(fields.get(3), Boolean.parseBoolean(fields.get(4))));
            }
        }
        return new MaintenanceMemory(entries, text);
    }

    /** Whether the model's rows are those of this text with no change missed. */
    boolean isCurrent(TableId model, String fingerprint) {
        Entry entry = entries.get(model);
        return entry != null && !entry.missedChanges() && entry.fingerprint().equals(fingerprint);
    }

    void computed(TableId model, String fingerprint) {
        entries.put(model, new Entry(fingerprint, false));
    }

    /** Its rows are of this text but not of the newest cut. */
    void takenOver(TableId model, String fingerprint) {
        entries.put(model, new Entry(fingerprint, true));
    }

    void heldBack(TableId model) {
        Entry entry = entries.get(model);
        entries.put(model, new Entry(entry == null ? "" : entry.fingerprint(), true));
    }

    /** The remembered models that are not among these; they are forgotten here. */
    List<TableId> forgetAllBut(Set<TableId> models) {
        List<TableId> gone = entries.keySet().stream()
                .filter(model -> !models.contains(model))
                .toList();
        gone.forEach(entries::remove);
        return gone;
    }

    void remember(StateTransaction transaction) {
        StringBuilder text = new StringBuilder(VERSION);
        entries.forEach((model, entry) -> text.append('\n')
                .append(field(model.connection()))
                .append(' ')
                .append(field(model.schema()))
                .append(' ')
                .append(field(model.name()))
                .append(' ')
                .append(field(entry.fingerprint()))
                .append(' ')
                .append(entry.missedChanges()));
        if (!text.toString().equals(before)) {
            transaction.remember(KEY, text.toString());
        }
    }

    private static String field(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private static List<String> fields(String line) {
        List<String> fields = new ArrayList<>();
        int from = 0;
        for (int space = line.indexOf(' '); space >= 0; space = line.indexOf(' ', from)) {
            fields.add(URLDecoder.decode(line.substring(from, space), StandardCharsets.UTF_8));
            from = space + 1;
        }
        fields.add(URLDecoder.decode(line.substring(from), StandardCharsets.UTF_8));
        return fields;
    }
}
