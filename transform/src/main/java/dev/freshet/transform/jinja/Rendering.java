package dev.freshet.transform.jinja;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One call of {@link JinjaTemplate#render}: the frames being rendered, and how names, calls, filters and tests resolve. */
final class Rendering implements CallContext.Access {

    /** About where Python's own recursion limit stops dbt. */
    private static final int MAX_DEPTH = 200;

    /** Files of the host's own macros have names like this. */
    private static final String INTERNAL = "<";

    private static final int MAX_STACK_LINES = 20;

    private final Consumer<MacroDefinition> called;
    private final JinjaEnvironment env;
    private final Map<String, Object> context;
    private final Deque<Frame> frames = new ArrayDeque<>();
    private final Random random;
    private int depth;

    Rendering(JinjaEnvironment env, Map<String, Object> context) {
        this(env, context, macro -> {});
    }

    /** @param called told of each macro that the template itself calls */
    Rendering(JinjaEnvironment env, Map<String, Object> context, Consumer<MacroDefinition> called) {
        this.env = env;
        this.context = context;
        this.random = new Random(env.seed());
        this.called = called;
    }

    JinjaEnvironment env() {
        return env;
    }

    Random random() {
        return random;
    }

    /** Renders a whole template. */
    void run(String file, Statement.Body body, Output out) {
        Frame frame = new Frame(this, file, 1, null, Scope.root());
        frames.push(frame);
        try {
            body.execute(frame, out);
        } catch (PythonError e) {
            throw located(e);
        } catch (ReturnSignal e) {
            throw error("return() is outside of a macro");
        } catch (StackOverflowError e) {
            throw error("the template is nested too deeply");
        } finally {
            frames.pop();
        }
    }

    /** Renders a macro's body, and gives its text or what it returned. */
    Object invoke(MacroDefinition macro, Scope closure, List<Object> arguments, Map<String, Object> keywords) {
        Frame frame = new Frame(this, macro.location().file(), macro.location().line(), macro, closure.inner());
        macro.bind(frame, arguments, keywords);
        enter();
        frames.push(frame);
        try {
            macro.bindDefaults(frame);
            return macro.bodyStatements().text(frame);
        } catch (ReturnSignal e) {
            if (macro.isCaller()) {
                throw e;
            }
            return e.value();
        } catch (PythonError e) {
            throw located(e);
        } finally {
            frames.pop();
            depth--;
        }
    }

    private void enter() {
        if (depth >= MAX_DEPTH) {
            throw new PythonError("macros and recursive loops are nested more than " + MAX_DEPTH
                    + " deep; does one call itself without end?");
        }
        depth++;
    }

    /** Runs something that may nest itself, within the depth limit. */
    void nested(Runnable action) {
        enter();
        try {
            action.run();
        } finally {
            depth--;
        }
    }

    /** Null when nothing has the name. */
    @Nullable
    Object resolve(String name) {
        Object macro = env.macroOrNamespace(name);
        if (macro != null) {
            return macro;
        }
        if (context.containsKey(name)) {
            return PythonValues.fromHost(context.get(name));
        }
        return env.global(name);
    }

    @Override
    public Object lookup(String name) {
        Frame frame = frames.peek();
        if (frame != null) {
            return frame.lookup(name);
        }
        Object value = resolve(name);
        return value != null ? value : Undefined.named(name);
    }

    @Override
    public Optional<MacroDefinition> currentMacro() {
        return frames.stream()
                .flatMap(frame -> Optional.ofNullable(frame.macro()).stream())
                .filter(macro -> !macro.isCaller())
                .findFirst();
    }

    @Override
    public Object call(Object callable, List<Object> arguments, Map<String, Object> keywords) {
        if (callable instanceof MacroDefinition macro && currentMacro().isEmpty()) {
            called.accept(macro);
        }
        if (callable instanceof JinjaFunction function) {
            try {
                return PythonValues.fromHost(function.call(callContext(), arguments, keywords));
            } catch (FreshetException e) {
                throw withPlace(e);
            }
        }
        if (callable instanceof Undefined undefined) {
            if (env.undefinedPolicy() == UndefinedPolicy.CAPTURE) {
                return undefined;
            }
            throw new UndefinedError(undefined);
        }
        throw new PythonError("'" + PythonValues.typeName(callable) + "' object is not callable");
    }

    private RuntimeException withPlace(FreshetException e) {
        return e instanceof JinjaException || e.kind() != ErrorKind.USER ? e : exception(e.getMessage(), e);
    }

    Object filter(String name, Object value, List<Object> arguments, Map<String, Object> keywords) {
        JinjaFilter filter = env.filter(name);
        if (filter == null) {
            throw new PythonError("no filter named '" + name + "'" + Suggestions.among(name, env.filterNames()));
        }
        return PythonValues.fromHost(filter.apply(callContext(), value, arguments, keywords));
    }

    boolean test(String name, Object value, List<Object> arguments, Map<String, Object> keywords) {
        JinjaTest test = env.test(name);
        if (test == null) {
            throw new PythonError("no test named '" + name + "'" + Suggestions.among(name, env.testNames()));
        }
        return test.holds(callContext(), value, arguments, keywords);
    }

    private CallContext callContext() {
        return new CallContext(env, location(), stack(), this);
    }

    private SourceLocation location() {
        Frame frame = frames.peek();
        return frame == null ? new SourceLocation("", 1) : frame.location();
    }

    private List<SourceLocation> stack() {
        if (frames.size() < 2) {
            return List.of();
        }
        return frames.stream().skip(1).map(Frame::location).toList();
    }

    @Override
    public JinjaException error(String what) {
        return exception(what, null);
    }

    private JinjaException located(PythonError error) {
        String message = String.valueOf(error.getMessage());
        if (error instanceof UndefinedError undefined) {
            message += Suggestions.among(undefined.undefined().name(), namesNear(undefined.undefined()));
        }
        return exception(message, error);
    }

    private Set<String> namesNear(Undefined undefined) {
        Set<String> names = new TreeSet<>();
        Object holder = undefined.holder();
        if (holder != null) {
            names.addAll(Members.names(holder));
        } else if (undefined.isPlainName()) {
            Frame frame = frames.peek();
            if (frame != null) {
                frame.scope().collectNames(names);
            }
            names.addAll(context.keySet());
            names.addAll(env.names());
        }
        return names;
    }

    private JinjaException exception(String what, @Nullable Throwable cause) {
        List<String> lines = new ArrayList<>();
        MacroDefinition inside = null;
        SourceLocation place = location();
        boolean isInternal = place.file().startsWith(INTERNAL);
        for (Frame frame : frames) {
            if (isInternal) {
                // A person can't look into the host's own macros: what they wrote is the place.
                if (frame.location().file().startsWith(INTERNAL)) {
                    continue;
                }
                isInternal = false;
                place = frame.location();
            }
            if (lines.size() == MAX_STACK_LINES) {
                lines.add("… and " + (frames.size() - MAX_STACK_LINES) + " more calls");
                break;
            }
            if (inside != null) {
                lines.add("in " + inside.describe() + ", called at " + frame.location());
            }
            inside = frame.macro();
        }
        return new JinjaException(place, what, lines, stack(), cause);
    }
}
