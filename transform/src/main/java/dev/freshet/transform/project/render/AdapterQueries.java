package dev.freshet.transform.project.render;

import dev.freshet.state.Connection;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.jinja.CallContext;
import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.Tuple;
import dev.freshet.transform.jinja.Undefined;
import dev.freshet.transform.project.config.OutputDefaults;
import dev.freshet.transform.project.database.Database;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.database.QueryResult;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The members of {@code adapter} that ask a database. While parsing they answer None or an empty list, as in dbt. While compiling they ask, read
 * only: a relation's columns on the output that it lives on, SQL on the node's own output. A maintained model runs in the state store, so no
 * output can answer its SQL.
 *
 * @param outputs all of the profile's, by name
 */
record AdapterQueries(
        Phase phase, Connection output, Engine engine, Map<String, Connection> outputs, Databases databases) {

    private static final Set<String> LISTS = Set.of(
            "get_columns_in_relation",
            "get_missing_columns",
            "list_relations",
            "list_relations_without_caching",
            "get_columns_in_query",
            "get_column_schema_from_query",
            "list_schemas");
    /** Those that would change the database. */
    private static final Set<String> WRITES = Set.of(
            "create_schema",
            "drop_schema",
            "drop_relation",
            "rename_relation",
            "truncate_relation",
            "add_query",
            "load_dataframe");
    /** Those that do nothing where nothing is built. */
    private static final Set<String> NOTHING = Set.of(
            "expand_target_column_types",
            "cache_added",
            "cache_dropped",
            "cache_renamed",
            "commit",
            "clear_transaction",
            "pre_model_hook",
            "post_model_hook");

    private static final Set<String> ANSWERS = Set.of(
            "get_relation",
            "load_relation",
            "check_schema_exists",
            "already_exists",
            "execute",
            "quote_as_configured",
            "quote_seed_column",
            "standardize_grants_dict",
            "valid_incremental_strategies");

    /** All members but those that only a run has. */
    static final Set<String> NAMES = names();

    private static Set<String> names() {
        Set<String> names = new LinkedHashSet<>(LISTS);
        names.addAll(WRITES);
        names.addAll(NOTHING);
        names.addAll(ANSWERS);
        return Set.copyOf(names);
    }

    /** A member by name, or undefined. */
    Object function(String name) {
        if (phase == Phase.RUN && !engine.style().inStateStore()) {
            Optional<Object> action = new AdapterActions(output, engine, databases).function(name);
            if (action.isPresent()) {
                return action.get();
            }
        }
        if (!NAMES.contains(name)) {
            if (AdapterActions.NAMES.contains(name)) {
                return phase == Phase.PARSE
                        ? (JinjaFunction) (context, arguments, keywords) -> None.NONE
                        : (JinjaFunction) (context, arguments, keywords) -> {
                            throw context.error(
                                    "adapter." + name + "() works while a node runs, not while it is compiled");
                        };
            }
            return Undefined.UNDEFINED;
        }
        return switch (name) {
            case "quote_as_configured" ->
                JinjaFunction.of(name, "identifier, quote_key", (context, arguments) -> engine.style()
                        .quoted(arguments.text(0)));
            case "quote_seed_column" ->
                JinjaFunction.of(
                        name,
                        "column, quote_config=None",
                        (context, arguments) -> arguments.isNone(1) || arguments.isTrue(1)
                                ? engine.style().quoted(arguments.text(0))
                                : arguments.text(0));
            case "valid_incremental_strategies" ->
                (JinjaFunction)
                        (context, arguments, keywords) -> List.of("append", "delete+insert", "merge", "microbatch");
            default -> phase == Phase.PARSE ? whileParsing(name) : whileCompiling(name);
        };
    }

    private static JinjaFunction whileParsing(String name) {
        return (context, arguments, keywords) ->
                LISTS.contains(name) ? new ArrayList<>() : name.equals("execute") ? Tuple.of("", None.NONE) : None.NONE;
    }

    private JinjaFunction whileCompiling(String name) {
        if (WRITES.contains(name)) {
            return (context, arguments, keywords) -> {
                throw context.error(
                        "adapter." + name
                                + "() would change the database, which nothing may do while templates are compiled; put it into a hook or an operation");
            };
        }
        if (NOTHING.contains(name)) {
            return (context, arguments, keywords) -> None.NONE;
        }
        return switch (name) {
            case "get_relation" ->
                JinjaFunction.of(
                        name,
                        "database=None, schema=None, identifier=None, needs_information=None",
                        (context, arguments) -> found(
                                context,
                                output,
                                arguments.isNone(0) ? "" : arguments.text(0),
                                arguments.text(1),
                                arguments.text(2)));
            case "load_relation" ->
                JinjaFunction.of(name, "relation", (context, arguments) -> {
                    Relation relation = relation(context, name, arguments.value(0));
                    return found(
                            context, home(relation), relation.database(), relation.schema(), relation.identifier());
                });
            case "already_exists" ->
                JinjaFunction.of(
                        name,
                        "schema, name",
                        (context, arguments) ->
                                found(context, output, "", arguments.text(0), arguments.text(1)) != None.NONE);
            case "check_schema_exists" ->
                JinjaFunction.of(name, "database, schema", (context, arguments) -> database(context, name, output)
                        .schemas()
                        .contains(arguments.text(1)));
            case "list_schemas" ->
                JinjaFunction.of(
                        name,
                        "database=None",
                        (context, arguments) ->
                                new ArrayList<>(database(context, name, output).schemas()));
            case "list_relations" ->
                JinjaFunction.of(
                        name,
                        "database=None, schema=None",
                        (context, arguments) -> relations(context, name, arguments.text(1)));
            case "list_relations_without_caching" ->
                JinjaFunction.of(
                        name,
                        "schema_relation",
                        (context, arguments) -> relations(
                                context,
                                name,
                                relation(context, name, arguments.value(0)).schema()));
            case "get_columns_in_relation" ->
                JinjaFunction.of(
                        name,
                        "relation",
                        (context, arguments) -> columns(context, name, relation(context, name, arguments.value(0))));
            case "get_missing_columns" ->
                JinjaFunction.of(
                        name,
                        "from_relation, to_relation",
                        (context, arguments) -> missing(
                                columns(context, name, relation(context, name, arguments.value(0))),
                                columns(context, name, relation(context, name, arguments.value(1)))));
            case "get_column_schema_from_query", "get_columns_in_query" ->
                JinjaFunction.of(name, "sql", (context, arguments) -> {
                    QueryResult result =
                            execute(context, "select * from (\n" + arguments.text(0) + "\n) as freshet_query limit 0");
                    return name.equals("get_columns_in_query")
                            ? new ArrayList<Object>(result.columns())
                            : described(result);
                });
            case "execute" ->
                JinjaFunction.of(name, "sql, auto_begin=False, fetch=False, limit=None", (context, arguments) -> {
                    QueryResult result = execute(context, arguments.text(0));
                    return Tuple.of(
                            result.status(),
                            arguments.isTrue(2) ? ResultTable.of(result) : new ResultTable(List.of(), List.of()));
                });
            default ->
                (context, arguments, keywords) -> {
                    throw context.error("adapter." + name + "() is not supported while templates are compiled");
                };
        };
    }

    private static Relation relation(CallContext context, String function, Object value) {
        if (value instanceof Relation relation) {
            return relation;
        }
        throw context.error("adapter." + function + "() needs a relation, such as ref() gives");
    }

    /** The output that a relation lives on. */
    private Connection home(Relation relation) {
        return outputs.getOrDefault(relation.connection(), output);
    }

    private Database database(CallContext context, String function, Connection asked) {
        Optional<Database> database = databases.of(asked);
        if (database.isEmpty()) {
            throw context.error(
                    function
                            + "() asks a database, which is not supported while templates are rendered; write the answer into the model or a var");
        }
        return database.get();
    }

    private QueryResult execute(CallContext context, String sql) {
        if (engine.style().inStateStore()) {
            throw context.error(
                    "this model is maintained by Freshet, so that no output can answer its queries while it is"
                            + " compiled; write the answer into the model or a var");
        }
        return located(context, () -> database(context, "run_query", output).query(sql));
    }

    private interface Question<T> {
        T ask();
    }

    private static <T> T located(CallContext context, Question<T> question) {
        try {
            return question.ask();
        } catch (FreshetException e) {
            throw e instanceof dev.freshet.transform.jinja.JinjaException
                    ? e
                    : context.error(String.valueOf(e.getMessage()));
        }
    }

    private Object found(CallContext context, Connection home, String named, String schema, String name) {
        // dbt refuses another database on these engines; here there is nothing to find.
        String own = OutputDefaults.database(home);
        if (!named.isEmpty() && !own.isEmpty() && !named.equalsIgnoreCase(own)) {
            return None.NONE;
        }
        Optional<Database.FoundRelation> found =
                located(context, () -> database(context, "get_relation", home).relation(schema, name));
        return found.isPresent() ? asRelation(home, found.get()) : None.NONE;
    }

    private Relation asRelation(Connection home, Database.FoundRelation found) {
        return Relation.named(
                home.name(), OutputDefaults.database(home), found.schema(), found.name(), found.kind(), engine.style());
    }

    private List<Object> relations(CallContext context, String function, String schema) {
        return new ArrayList<>(
                located(context, () -> database(context, function, output).relations(schema)).stream()
                        .map(found -> asRelation(output, found))
                        .toList());
    }

    private List<Object> columns(CallContext context, String function, Relation relation) {
        if (relation.kind().equals("cte")) {
            return new ArrayList<>();
        }
        Connection home = home(relation);
        return new ArrayList<>(
                located(context, () -> database(context, function, home)
                                .columns(relation.schema(), relation.identifier()))
                        .stream()
                        .map(AdapterQueries::column)
                        .toList());
    }

    static Object column(Database.FoundColumn found) {
        return new Column(found.name(), found.type(), found.length(), found.precision(), found.scale());
    }

    private static List<Object> described(QueryResult result) {
        List<Object> columns = new ArrayList<>();
        for (int i = 0; i < result.columns().size(); i++) {
            columns.add(column(new Database.FoundColumn(
                    result.columns().get(i),
                    result.types().get(i),
                    java.util.OptionalInt.empty(),
                    java.util.OptionalInt.empty(),
                    java.util.OptionalInt.empty())));
        }
        return columns;
    }

    private static @Nullable Object missing(List<Object> from, List<Object> to) {
        Set<String> known = new LinkedHashSet<>();
        to.forEach(column -> known.add(((Column) column).name()));
        return new ArrayList<>(from.stream()
                .filter(column -> !known.contains(((Column) column).name()))
                .toList());
    }
}
