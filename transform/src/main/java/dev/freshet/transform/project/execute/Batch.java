package dev.freshet.transform.project.execute;

import dev.freshet.transform.jinja.modules.DbtModules;
import dev.freshet.transform.project.event.EventWindow;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One batch of a run of a microbatch model.
 *
 * @param id {@code 20240131}
 * @param window what it reads of what has an event time
 * @param isFirst whether hooks run before it
 * @param isLast whether hooks run after it
 * @param isContinued whether it adds to the model's table, which is made by it otherwise
 */
public record Batch(String id, EventWindow window, boolean isFirst, boolean isLast, boolean isContinued) {

    /** {@code model.batch}. */
    Map<String, Object> shown() {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", id);
        shown.put("event_time_start", DbtModules.dateTime(window.start()));
        shown.put("event_time_end", DbtModules.dateTime(window.end()));
        return shown;
    }
}
