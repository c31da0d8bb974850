package dev.freshet.transform.project.yaml;

import dev.freshet.transform.project.problem.Position;
import org.jspecify.annotations.Nullable;

/** Renders the Jinja in a YAML text. */
@FunctionalInterface
public interface TextRenderer {

    /** Leaves every text as it is. */
    TextRenderer NONE = (text, position) -> text;

    /** @return the value: a lone expression keeps its type, anything else is text */
    @Nullable
    Object render(String text, Position position);
}
