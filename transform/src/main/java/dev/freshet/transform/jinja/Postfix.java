package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is written behind an operand: attributes, items, calls, filters and tests. */
sealed interface Postfix extends Expression {

    record Attribute(Expression target, String name, int line) implements Postfix {
        @Override
        public Object evaluate(Frame frame) {
            Object object = target.evaluate(frame);
            frame.at(line);
            return Members.attribute(object, name, frame.undefinedPolicy());
        }
    }

    record Item(Expression target, Expression key, int line) implements Postfix {
        @Override
        public Object evaluate(Frame frame) {
            Object object = target.evaluate(frame);
            Object index = key.evaluate(frame);
            frame.at(line);
            return Members.item(object, index, frame.undefinedPolicy());
        }
    }

    /** {@code target[start:stop:step]}; a part that is left out is null. */
    record Slice(
            Expression target,
            @Nullable Expression start,
            @Nullable Expression stop,
            @Nullable Expression step,
            int line)
            implements Postfix {
        @Override
        public Object evaluate(Frame frame) {
            Object object = target.evaluate(frame);
            Object from = start == null ? None.NONE : start.evaluate(frame);
            Object to = stop == null ? None.NONE : stop.evaluate(frame);
            Object by = step == null ? None.NONE : step.evaluate(frame);
            frame.at(line);
            return Slices.slice(object, from, to, by, frame.undefinedPolicy());
        }
    }

    record Call(Expression target, CallArguments arguments, int line) implements Postfix {
        @Override
        public Object evaluate(Frame frame) {
            return evaluate(frame, Map.of());
        }

        /** @param forwarded keywords added to those written */
        Object evaluate(Frame frame, Map<String, Object> forwarded) {
            Object function = target.evaluate(frame);
            List<Object> values = arguments.values(frame);
            Map<String, Object> keywords = arguments.keywordValues(frame);
            keywords.putAll(forwarded);
            frame.at(line);
            return frame.rendering().call(function, values, keywords);
        }
    }

    record Filter(Expression input, FilterUse use) implements Postfix {
        @Override
        public Object evaluate(Frame frame) {
            return use.apply(frame, input.evaluate(frame));
        }
    }

    record Test(Expression input, String name, CallArguments arguments, int line) implements Postfix {
        @Override
        public Object evaluate(Frame frame) {
            Object value = input.evaluate(frame);
            List<Object> values = arguments.values(frame);
            Map<String, Object> keywords = arguments.keywordValues(frame);
            frame.at(line);
            return frame.rendering().test(name, value, values, keywords);
        }
    }

    record FilterUse(String name, CallArguments arguments, int line) {
        Object apply(Frame frame, Object value) {
            List<Object> values = arguments.values(frame);
            Map<String, Object> keywords = arguments.keywordValues(frame);
            frame.at(line);
            return frame.rendering().filter(name, value, values, keywords);
        }
    }

    record Keyword(String name, Expression value) {}

    /** The arguments as written: {@code (a, b, key=c, *rest, **keywords)}. */
    record CallArguments(
            List<Expression> positional,
            List<Keyword> keywords,
            @Nullable Expression rest,
            @Nullable Expression keywordRest,
            int line) {

        static final CallArguments NONE = new CallArguments(List.of(), List.of(), null, null, 0);

        List<Object> values(Frame frame) {
            List<Object> values = new ArrayList<>(positional.size());
            for (Expression argument : positional) {
                values.add(argument.evaluate(frame));
            }
            if (rest != null) {
                values.addAll(PythonValues.list(rest.evaluate(frame)));
            }
            return values;
        }

        Map<String, Object> keywordValues(Frame frame) {
            Map<String, Object> values = new LinkedHashMap<>();
            for (Keyword keyword : keywords) {
                if (values.put(keyword.name(), keyword.value().evaluate(frame)) != null) {
                    frame.at(line);
                    throw new PythonError("keyword argument repeated: '" + keyword.name() + "'");
                }
            }
            if (keywordRest != null) {
                Object more = keywordRest.evaluate(frame);
                frame.at(line);
                if (!(more instanceof Map<?, ?> map)) {
                    PythonValues.requireDefined(more);
                    throw new PythonError("argument after ** must be a mapping, not " + PythonValues.typeName(more));
                }
                map.forEach((key, value) -> {
                    if (!(key instanceof String name)) {
                        throw new PythonError("keywords must be strings");
                    }
                    if (values.put(name, PythonValues.fromHost(value)) != null) {
                        throw new PythonError("got multiple values for keyword argument '" + name + "'");
                    }
                });
            }
            return values;
        }
    }
}
