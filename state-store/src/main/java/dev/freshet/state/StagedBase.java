package dev.freshet.state;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A table's contents as a load or a fold of older changes left them in staging: rows with {@code _op} = {@code 'r'} and {@code _load} =
 * {@code load}, read beside the stream.
 *
 * <p>For a keyed table the contents at a position are the base rows with every change after {@code start} applied to them in order, whether
 * the base showed it already or not: a change sets the state of its key, so the last one decides. For a keyless table changes of
 * transactions that {@code snapshot} shows are left out, because applying one twice would count a row twice.
 *
 * @param start changes up to here are all in the base
 * @param end the base may show transactions up to here: only from this position on is it consistent with the rest of the source
 */
public record StagedBase(
        long load, SourcePosition start, SourcePosition end, Optional<TransactionSnapshot> snapshot, List<Path> files) {

    public StagedBase {
        files = List.copyOf(files);
    }
}
