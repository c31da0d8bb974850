package dev.freshet.transform.project.render;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Told what templates say with {@code print()} and {@code log()}, while they are rendered. Called by the rendering thread. */
@FunctionalInterface
public interface TemplateOutput {

    /** How loud it is. */
    enum Kind {
        /** {@code print(...)}: the text as it is. */
        PRINT,
        /** {@code log(..., info=true)}. */
        INFO,
        /** {@code log(...)}: for the log file. */
        DEBUG
    }

    void say(Kind kind, String text);

    /** Everything goes to the log file. */
    static TemplateOutput toLog() {
        Logger log = LoggerFactory.getLogger("dev.freshet.project.templates");
        return (kind, text) -> {
            if (kind == Kind.DEBUG) {
                log.debug("{}", text);
            } else {
                log.info("{}", text);
            }
        };
    }
}
