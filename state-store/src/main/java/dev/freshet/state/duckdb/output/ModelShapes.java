package dev.freshet.state.duckdb.output;

import dev.freshet.state.Column;
import dev.freshet.state.ModelFailedException;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.catalog.ShapeCache;
import dev.freshet.state.duckdb.session.QueryShape;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.ModelQuery;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What models' texts give: one query each, with columns that can be stored. */
public final class ModelShapes {

    private final Session session;
    private final ShapeCache known;

    ModelShapes(Session session, ShapeCache known) {
        this.session = session;
        this.known = known;
    }

    /**
     * The shape of a model's result.
     *
     * @param query as {@link #single} gives it
     * @throws ModelFailedException when it can't be stored
     */
    QueryShape of(TableId model, String query) throws SQLException {
        QueryShape shape;
        try {
            shape = known.of(session, model, query);
        } catch (QueryShape.Unfit e) {
            throw failed(model, e.getMessage(), e);
        }
        requireUsableNames(model, shape);
        return shape;
    }

    /** The columns that a text's result would be stored with. Nothing is kept of it. */
    TableSchema schema(TableId model, String sql, List<String> uniqueKey) throws SQLException {
        QueryShape shape;
        try {
            shape = QueryShape.of(session, single(model, sql));
        } catch (QueryShape.Unfit e) {
            throw failed(model, e.getMessage(), e);
        }
        return schema(model, shape, uniqueKey);
    }

    /** The columns that a result of this shape is stored with. */
    static TableSchema schema(TableId model, QueryShape shape, List<String> uniqueKey) {
        return new TableSchema(shape.columns(), existing(model, shape, uniqueKey));
    }

    /** @throws ModelFailedException when a column is called as one of the store's own */
    static void requireUsableNames(TableId model, QueryShape shape) {
        for (Column column : shape.columns()) {
            if (SqlText.isReserved(column.name())) {
                throw failed(
                        model,
                        "has a column \"" + column.name()
                                + "\", a name that the state store needs for itself: give it another alias",
                        null);
            }
        }
    }

    /** The key columns as the result spells them. */
    private static List<String> existing(TableId model, QueryShape shape, List<String> uniqueKey) {
        return uniqueKey.stream()
                .map(key -> shape.columns().stream()
                        .map(column -> column.name())
                        .filter(name -> name.toLowerCase(Locale.ROOT).equals(key.toLowerCase(Locale.ROOT)))
                        .findFirst()
                        .orElseThrow(() -> failed(
                                model,
                                "unique_key names column \"" + key
                                        + "\", which the model's result does not have: correct either",
                                null)))
                .toList();
    }

    /** The query that a text is, without what follows it. */
    static String single(TableId model, String sql) {
        return ModelQuery.single(sql)
                .orElseThrow(() -> failed(model, "its SQL is not exactly one query: a model is a single SELECT", null));
    }

    /** The error of a model that can't be computed. */
    public static ModelFailedException failed(TableId model, String why, @Nullable Throwable cause) {
        return new ModelFailedException(model, "model '" + model + "': " + why, cause);
    }
}
