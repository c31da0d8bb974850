package dev.freshet.transform.jinja;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A template that cannot be parsed or rendered. The message starts with {@code file:line:} and ends with the macros that led there, innermost first. */
public final class JinjaException extends FreshetException {

    private final SourceLocation location;
    private final List<SourceLocation> macroStack;

    JinjaException(
            SourceLocation location,
            String what,
            List<String> stackLines,
            List<SourceLocation> macroStack,
            @Nullable Throwable cause) {
        super(ErrorKind.USER, message(location, what, stackLines), cause);
        this.location = location;
        this.macroStack = List.copyOf(macroStack);
    }

    JinjaException(SourceLocation location, String what) {
        this(location, what, List.of(), List.of(), null);
    }

    public SourceLocation location() {
        return location;
    }

    /** Where each enclosing macro or template was when it called the next, innermost first. */
    public List<SourceLocation> macroStack() {
        return macroStack;
    }

    private static String message(SourceLocation location, String what, List<String> stackLines) {
        StringBuilder text = new StringBuilder().append(location).append(": ").append(what);
        stackLines.forEach(line -> text.append("\n  ").append(line));
        return text.toString();
    }
}
