package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.folded;
import static dev.freshet.transform.plan.query.SyntaxTree.isClass;
import static dev.freshet.transform.plan.query.SyntaxTree.isType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Simple;
import dev.freshet.transform.plan.query.Query.Block;
import dev.freshet.transform.plan.query.Query.Item;
import dev.freshet.transform.plan.query.Query.SetOperation;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

/**
 * Whether numbers are whole or decimal, so that the order in which they are added makes no difference. Said of an expression only when there is no doubt:
 * what is not known here counts as floating point.
 */
final class ExactSums {

    private static final Set<String> SUMS = Set.of("sum", "avg");

    /** Whole numbers, whatever they are given. */
    private static final Set<String> WHOLE = Set.of(
            "count", "count_star", "row_number", "rank", "dense_rank", "length", "date_diff", "year", "month", "day");

    /** Exact where all that they are given is. */
    private static final Set<String> KEEPING =
            Set.of("+", "-", "*", "%", "sum", "min", "max", "abs", "round", "coalesce", "nullif", "greatest", "least");

    private static final Set<String> TYPES = Set.of(
            "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL", "NUMERIC", "INT", "INT4", "INT8", "LONG");

    private static final Set<String> LITERALS = Set.of("INTEGER", "NUMERIC", "NULL_LITERAL");

    private ExactSums() {}

    /** Whether a function adds up what may be floating point. */
    static boolean isInexact(Block block, JsonNode function) {
        return SUMS.contains(folded(function.path("function_name").asText())) && !hasExactArguments(block, function);
    }

    private static boolean isExact(Block block, JsonNode expression) {
        if (isType(expression, "COLUMN_REF")) {
            return block.scope().resolve(expression).filter(ExactSums::isExact).isPresent();
        }
        if (isClass(expression, "CONSTANT")) {
            JsonNode literal = expression.path("literal");
            return LITERALS.contains(literal.path("kind").asText())
                    && !folded(literal.path("text").asText()).contains("e");
        }
        if (isClass(expression, "CAST")) {
            return TYPES.contains(
                    expression.path("type_expr").path("type_name").asText().toUpperCase(Locale.ROOT));
        }
        if (isClass(expression, "CASE")) {
            return isExact(block, expression.path("else_expr"))
                    && all(expression.path("case_checks"), check -> isExact(block, check.path("then_expr")));
        }
        if (isType(expression, "OPERATOR_COALESCE")) {
            return all(expression.path("children"), child -> isExact(block, child));
        }
        String function = folded(expression.path("function_name").asText());
        return WHOLE.contains(function) || KEEPING.contains(function) && hasExactArguments(block, expression);
    }

    private static boolean hasExactArguments(Block block, JsonNode function) {
        return all(function.path("arguments"), argument -> isExact(block, argument.path("expression")));
    }

    private static boolean isExact(ScopeColumn column) {
        Source source = column.source();
        return source.leaf()
                .map(leaf -> isExact(leaf.schema().columns().get(column.index()).type()))
                .orElseGet(() -> source.query()
                        .filter(query -> isExact(query, column.index()))
                        .isPresent());
    }

    private static boolean isExact(Query query, int column) {
        if (query instanceof SetOperation operation) {
            return operation.operands().stream().allMatch(operand -> isExact(operand, column));
        }
        Block block = (Block) query;
        Item item = block.items().get(column);
        return item.column().map(ExactSums::isExact).orElseGet(() -> item.expression()
                .filter(expression -> isExact(block, expression))
                .isPresent());
    }

    static boolean isExact(DataType type) {
        return type instanceof DataType.Decimal
                || type == Simple.SMALLINT
                || type == Simple.INTEGER
                || type == Simple.BIGINT
                || type == Simple.HUGEINT;
    }

    private static boolean all(JsonNode nodes, Predicate<JsonNode> condition) {
        return StreamSupport.stream(nodes.spliterator(), false).allMatch(condition);
    }
}
