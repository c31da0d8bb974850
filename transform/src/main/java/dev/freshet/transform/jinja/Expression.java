package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An expression that evaluates itself. */
sealed interface Expression permits Expression.Simple, Postfix {

    Object evaluate(Frame frame);

    /** Everything but what is written behind an operand. */
    sealed interface Simple extends Expression {}

    record Literal(Object value) implements Simple {
        @Override
        public Object evaluate(Frame frame) {
            return value;
        }
    }

    record Name(String name, int line) implements Simple {
        @Override
        public Object evaluate(Frame frame) {
            frame.at(line);
            return frame.lookup(name);
        }
    }

    record ListLiteral(List<Expression> items) implements Simple {
        @Override
        public Object evaluate(Frame frame) {
            return evaluateAll(items, frame);
        }
    }

    record TupleLiteral(List<Expression> items) implements Simple {
        @Override
        public Object evaluate(Frame frame) {
            return new Tuple(evaluateAll(items, frame));
        }
    }

    record Entry(Expression key, Expression value) {}

    record DictionaryLiteral(List<Entry> entries, int line) implements Simple {
        @Override
        public Object evaluate(Frame frame) {
            Map<Object, Object> map = new LinkedHashMap<>();
            for (Entry entry : entries) {
                Object key = entry.key().evaluate(frame);
                Object value = entry.value().evaluate(frame);
                frame.at(line);
                Keys.put(map, key, value);
            }
            return map;
        }
    }

    record Conditional(Expression condition, Expression then, @Nullable Expression otherwise, int line)
            implements Simple {
        @Override
        public Object evaluate(Frame frame) {
            if (PythonValues.isTrue(condition.evaluate(frame))) {
                return then.evaluate(frame);
            }
            if (otherwise != null) {
                return otherwise.evaluate(frame);
            }
            return Undefined.because(
                    "the inline if-expression on line " + line + " evaluated to false and has no else part");
        }
    }

    record Or(Expression left, Expression right) implements Simple {
        @Override
        public Object evaluate(Frame frame) {
            Object value = left.evaluate(frame);
            return PythonValues.isTrue(value) ? value : right.evaluate(frame);
        }
    }

    record And(Expression left, Expression right) implements Simple {
        @Override
        public Object evaluate(Frame frame) {
            Object value = left.evaluate(frame);
            return PythonValues.isTrue(value) ? right.evaluate(frame) : value;
        }
    }

    record Not(Expression operand) implements Simple {
        @Override
        public Object evaluate(Frame frame) {
            return !PythonValues.isTrue(operand.evaluate(frame));
        }
    }

    record Concat(List<Expression> parts) implements Simple {
        @Override
        public Object evaluate(Frame frame) {
            StringBuilder text = new StringBuilder();
            for (Expression part : parts) {
                text.append(PythonValues.text(part.evaluate(frame)));
            }
            return text.toString();
        }
    }

    record Sign(String operator, Expression operand, int line) implements Simple {
        @Override
        public Object evaluate(Frame frame) {
            Object value = operand.evaluate(frame);
            frame.at(line);
            PythonValues.requireDefined(value);
            if (!Numbers.isNumber(value)) {
                throw new PythonError(
                        "bad operand type for unary " + operator + ": '" + PythonValues.typeName(value) + "'");
            }
            return operator.equals("-") ? Numbers.negate(value) : Numbers.plus(value);
        }
    }

    record Binary(String operator, Expression left, Expression right, int line) implements Simple {
        @Override
        public Object evaluate(Frame frame) {
            Object a = left.evaluate(frame);
            Object b = right.evaluate(frame);
            frame.at(line);
            return Operators.binary(operator, a, b);
        }
    }

    record Operand(String operator, Expression value) {}

    /** {@code a < b < c}: each operand is evaluated once, and none after the first that fails. */
    record Comparison(Expression first, List<Operand> operands, int line) implements Simple {
        @Override
        public Object evaluate(Frame frame) {
            Object left = first.evaluate(frame);
            for (Operand operand : operands) {
                Object right = operand.value().evaluate(frame);
                frame.at(line);
                if (!Operators.compare(operand.operator(), left, right)) {
                    return false;
                }
                left = right;
            }
            return true;
        }
    }

    static List<Object> evaluateAll(List<Expression> expressions, Frame frame) {
        List<Object> values = new ArrayList<>(expressions.size());
        for (Expression expression : expressions) {
            values.add(expression.evaluate(frame));
        }
        return values;
    }
}
