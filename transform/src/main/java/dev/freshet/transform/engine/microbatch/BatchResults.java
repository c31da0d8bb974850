package dev.freshet.transform.engine.microbatch;

import dev.freshet.transform.project.event.EventWindow;
import java.util.List;

/** The batches of a microbatch model that were built, and those that were not: failed or skipped. */
public record BatchResults(List<EventWindow> successful, List<EventWindow> failed) {

    public BatchResults {
        successful = List.copyOf(successful);
        failed = List.copyOf(failed);
    }

    /** {@code SUCCESS}, {@code ERROR} or {@code PARTIAL SUCCESS (2/3)}. */
    public String message() {
        if (failed.isEmpty()) {
            return "SUCCESS";
        }
        int all = successful.size() + failed.size();
        return successful.isEmpty() ? "ERROR" : "PARTIAL SUCCESS (" + successful.size() + "/" + all + ")";
    }
}
