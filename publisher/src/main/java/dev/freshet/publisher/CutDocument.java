package dev.freshet.publisher;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.state.Cut;
import dev.freshet.state.StoredOutput;
import java.util.TreeSet;

/** The JSON document by which a ledger says what a table's rows are true for. */
public final class CutDocument {

    private static final JsonMapper JSON = new JsonMapper();

    private CutDocument() {}

    /** {@code number, clock, positions} of the cut the model was maintained at, an older one than the snapshot's while it is {@code held}. */
    public static String of(StoredOutput output) {
        Cut cut = output.maintainedAt();
        ObjectNode document = JSON.createObjectNode();
        document.put("number", cut.number());
        document.put("clock", cut.clock().toString());
        ObjectNode positions = document.putObject("positions");
        for (String source : new TreeSet<>(cut.positions().keySet())) {
            positions.put(source, Long.toUnsignedString(cut.position(source).ordinal()));
        }
        output.held().ifPresent(reason -> document.put("held", reason.replace("\0", "")));
        return document.toString();
    }
}
