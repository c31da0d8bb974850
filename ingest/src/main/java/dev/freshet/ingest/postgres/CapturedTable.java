package dev.freshet.ingest.postgres;

import dev.freshet.state.Row;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A captured table in one shape; a new instance comes with every change of it.
 *
 * @param fullImages whether the log carries whole rows before a change (REPLICA IDENTITY FULL)
 * @param version grows with every change of the shape
 */
record CapturedTable(TableId id, TableSchema schema, List<CapturedColumn> columns, boolean fullImages, int version) {

    CapturedTable {
        columns = List.copyOf(columns);
    }

    static CapturedTable of(
            TableId id, List<CapturedColumn> columns, List<String> key, boolean fullImages, int version) {
        return new CapturedTable(
                id,
                new TableSchema(columns.stream().map(CapturedColumn::column).toList(), key),
                columns,
                fullImages,
                version);
    }

    /** This shape, followed by what the database shows now: dropped columns stay, new ones come last. Empty when nothing changed. */
    Optional<CapturedTable> evolve(CapturedTable now) {
        List<CapturedColumn> merged = new ArrayList<>();
        boolean changed = !schema.key().equals(now.schema.key()) || fullImages != now.fullImages;
        for (CapturedColumn column : columns) {
            int index = now.schema.indexOf(column.name());
            CapturedColumn current = index < 0 ? column.dropped() : now.columns.get(index);
            changed |= current.present() != column.present() || !current.sameAs(column);
            merged.add(current);
        }
        for (CapturedColumn column : now.columns) {
            if (schema.indexOf(column.name()) < 0) {
                merged.add(column);
                changed = true;
            }
        }
        return changed ? Optional.of(of(id, merged, now.schema.key(), now.fullImages, version + 1)) : Optional.empty();
    }

    /** Whether rows captured before the change still mean the same under this shape, so that no load is needed. */
    boolean onlyDroppedSince(CapturedTable before) {
        if (!schema.key().equals(before.schema.key()) || columns.size() != before.columns.size()) {
            return false;
        }
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).present() && !columns.get(i).sameAs(before.columns.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether rows staged in that shape lack a column of this one, or hold it in another type, or are known by another key. */
    boolean hasGrownSince(TableSchema staged) {
        return !schema.key().equals(staged.key()) || !staged.columns().containsAll(schema.columns());
    }

    /** Reads one value; a value that does not fit is remembered in {@code poison} and left out. */
    @Nullable
    Object read(int column, @Nullable String text, PoisonNote poison) {
        if (text == null) {
            return null;
        }
        CapturedColumn target = columns.get(column);
        try {
            return target.reader().read(text);
        } catch (UnfitValueException e) {
            poison.note("column \"" + target.name() + "\" " + e.getMessage());
            return null;
        }
    }

    /** A whole row of text values in the order of the columns. */
    Row row(@Nullable String[] texts, PoisonNote poison) {
        Object[] values = new Object[texts.length];
        for (int i = 0; i < texts.length; i++) {
            values[i] = read(i, texts[i], poison);
        }
        return Row.of(values);
    }
}
