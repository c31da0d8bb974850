package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A part of a template that renders itself. */
sealed interface Statement {

    Completion execute(Frame frame, Output out);

    enum Completion {
        NORMAL,
        BREAK,
        CONTINUE
    }

    record Body(List<Statement> statements) {
        static final Body EMPTY = new Body(List.of());

        Completion execute(Frame frame, Output out) {
            for (Statement statement : statements) {
                Completion completion = statement.execute(frame, out);
                if (completion != Completion.NORMAL) {
                    return completion;
                }
            }
            return Completion.NORMAL;
        }

        String text(Frame frame) {
            TextOutput out = new TextOutput();
            execute(frame, out);
            return out.toString();
        }
    }

    record Data(String text) implements Statement {
        @Override
        public Completion execute(Frame frame, Output out) {
            out.text(text);
            return Completion.NORMAL;
        }
    }

    record Print(Expression value, int line) implements Statement {
        @Override
        public Completion execute(Frame frame, Output out) {
            Object result = value.evaluate(frame);
            if (result instanceof Undefined undefined && frame.undefinedPolicy() == UndefinedPolicy.STRICT) {
                frame.at(line);
                throw new UndefinedError(undefined);
            }
            out.value(result);
            return Completion.NORMAL;
        }
    }

    record Branch(Expression condition, Body body) {}

    record If(List<Branch> branches, Body otherwise) implements Statement {
        @Override
        public Completion execute(Frame frame, Output out) {
            for (Branch branch : branches) {
                if (PythonValues.isTrue(branch.condition().evaluate(frame))) {
                    return branch.body().execute(frame, out);
                }
            }
            return otherwise.execute(frame, out);
        }
    }

    record Set(Target target, Expression value, int line) implements Statement {
        @Override
        public Completion execute(Frame frame, Output out) {
            Object result = value.evaluate(frame);
            frame.at(line);
            target.assign(frame, result);
            return Completion.NORMAL;
        }
    }

    /** {@code {% set name | filter %}…{% endset %}}. */
    record SetBlock(Target target, List<Postfix.FilterUse> filters, Body body, int line) implements Statement {
        @Override
        public Completion execute(Frame frame, Output out) {
            target.assign(frame, frame.inScope(() -> filtered(body.text(frame), filters, frame)));
            return Completion.NORMAL;
        }
    }

    record FilterBlock(List<Postfix.FilterUse> filters, Body body) implements Statement {
        @Override
        public Completion execute(Frame frame, Output out) {
            out.value(frame.inScope(() -> filtered(body.text(frame), filters, frame)));
            return Completion.NORMAL;
        }
    }

    private static Object filtered(Object value, List<Postfix.FilterUse> filters, Frame frame) {
        Object result = value;
        for (Postfix.FilterUse filter : filters) {
            result = filter.apply(frame, result);
        }
        return result;
    }

    record Do(Expression value) implements Statement {
        @Override
        public Completion execute(Frame frame, Output out) {
            value.evaluate(frame);
            return Completion.NORMAL;
        }
    }

    record Assignment(Target target, Expression value) {}

    /** All values see the scope outside. */
    record With(List<Assignment> assignments, Body body) implements Statement {
        @Override
        public Completion execute(Frame frame, Output out) {
            List<Object> values = new ArrayList<>();
            for (Assignment assignment : assignments) {
                values.add(assignment.value().evaluate(frame));
            }
            return frame.inScope(() -> {
                for (int i = 0; i < values.size(); i++) {
                    assignments.get(i).target().assign(frame, values.get(i));
                }
                return body.execute(frame, out);
            });
        }
    }

    record Define(MacroDefinition macro) implements Statement {
        @Override
        public Completion execute(Frame frame, Output out) {
            frame.scope().set(macro.uniqueName(), new Macro(macro, frame.scope()));
            return Completion.NORMAL;
        }
    }

    /** {@code {% call(parameters) macro(arguments) %}…{% endcall %}}. */
    record CallBlock(MacroDefinition caller, Postfix.Call call) implements Statement {
        @Override
        public Completion execute(Frame frame, Output out) {
            out.value(call.evaluate(frame, Map.of("caller", new Macro(caller, frame.scope()))));
            return Completion.NORMAL;
        }
    }

    record Break() implements Statement {
        @Override
        public Completion execute(Frame frame, Output out) {
            return Completion.BREAK;
        }
    }

    record Continue() implements Statement {
        @Override
        public Completion execute(Frame frame, Output out) {
            return Completion.CONTINUE;
        }
    }

    record For(
            Target target,
            Expression items,
            @Nullable Expression condition,
            boolean recursive,
            Body body,
            Body otherwise,
            int line)
            implements Statement {

        @Override
        public Completion execute(Frame frame, Output out) {
            Object iterable = items.evaluate(frame);
            frame.at(line);
            loop(frame, out, iterable, 0, frame.scope());
            return Completion.NORMAL;
        }

        private void loop(Frame frame, Output out, Object iterable, int depth, Scope outer) {
            if (iterable instanceof Undefined undefined && frame.undefinedPolicy() == UndefinedPolicy.STRICT) {
                throw new UndefinedError(undefined);
            }
            Iterator<Object> iterator = PythonValues.iterator(iterable);
            Loop loop = condition == null
                    ? new Loop(
                            iterator,
                            PythonValues.hasLength(iterable) ? iterable : null,
                            depth,
                            recursion(frame, depth, outer))
                    : new Loop(
                            selected(frame, iterator, outer, condition), null, depth, recursion(frame, depth, outer));
            boolean empty = true;
            while (loop.hasNext()) {
                Object item = loop.next();
                Completion completion = frame.inScope(outer, () -> {
                    frame.scope().set("loop", loop);
                    frame.at(line);
                    target.assign(frame, item);
                    return body.execute(frame, out);
                });
                if (completion == Completion.BREAK) {
                    break;
                }
                // As in Jinja2, an iteration that is broken off or continued does not count.
                empty &= completion != Completion.NORMAL;
                frame.at(line);
            }
            if (empty) {
                frame.inScope(outer, () -> otherwise.execute(frame, out));
            }
        }

        private Loop.@Nullable Recursion recursion(Frame frame, int depth, Scope outer) {
            return recursive
                    ? nested -> {
                        TextOutput inner = new TextOutput();
                        frame.rendering().nested(() -> loop(frame, inner, nested, depth + 1, outer));
                        return inner.toString();
                    }
                    : null;
        }

        private Iterator<Object> selected(Frame frame, Iterator<Object> iterator, Scope outer, Expression test) {
            return new SelectingIterator(
                    iterator,
                    item -> frame.inScope(outer, () -> {
                        target.assign(frame, item);
                        return PythonValues.isTrue(test.evaluate(frame));
                    }));
        }
    }
}
