package dev.freshet.transform.project.render;

import dev.freshet.state.Connection;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.jinja.CallContext;
import dev.freshet.transform.jinja.JinjaException;
import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.MacroDefinition;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.PythonValues;
import dev.freshet.transform.jinja.Tuple;
import dev.freshet.transform.project.database.Answer;
import dev.freshet.transform.project.database.Database;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.database.Session;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The members of {@code adapter} that change a database, while a node runs. */
record AdapterActions(Connection output, Engine engine, Databases databases) {

    /** Those that are macros of the same names, which a project may replace. */
    private static final Map<String, String> MACROS = Map.of(
            "drop_relation", "relation",
            "truncate_relation", "relation",
            "rename_relation", "from_relation, to_relation",
            "create_schema", "relation",
            "drop_schema", "relation");

    static final Set<String> NAMES = Set.of(
            "drop_relation",
            "truncate_relation",
            "rename_relation",
            "create_schema",
            "drop_schema",
            "execute",
            "add_query",
            "commit",
            "verify_database",
            "expand_target_column_types",
            "get_incremental_strategy_macro",
            "convert_type",
            "load_seed_rows",
            "parse_index",
            "standardize_grants_dict",
            "render_raw_columns_constraints",
            "render_raw_model_constraints",
            "get_column_schema_from_query",
            "get_seed_file_path",
            "assert_valid_snapshot_target_given_strategy",
            "valid_snapshot_target",
            "is_motherduck",
            "is_ducklake");

    /** A member by name; empty for what this does not have. */
    Optional<Object> function(String name) {
        String arguments = MACROS.get(name);
        if (arguments != null) {
            return Optional.of(
                    (JinjaFunction) (context, values, keywords) -> context.callMacro(name, values, keywords));
        }
        JinjaFunction function =
                switch (name) {
                    case "execute" ->
                        JinjaFunction.of(name, "sql, auto_begin=False, fetch=False, limit=None", (context, bound) -> {
                            Answer answer = execute(context, bound.text(0), bound.isTrue(1));
                            return Tuple.of(
                                    ResponseObject.of(answer),
                                    bound.isTrue(2)
                                            ? ResultTable.of(answer.result())
                                            : new ResultTable(List.of(), List.of()));
                        });
                    case "add_query" ->
                        JinjaFunction.of(
                                name,
                                "sql, auto_begin=True, bindings=None, abridge_sql_log=False",
                                (context, bound) -> {
                                    if (bound.isNone(2)) {
                                        execute(context, bound.text(0), bound.isTrue(1));
                                    } else {
                                        List<Object> row = new ArrayList<>();
                                        PythonValues.iterator(bound.value(2)).forEachRemaining(row::add);
                                        located(context, () -> {
                                            session()
                                                    .load(
                                                            bound.text(0).replace("%s", "?"),
                                                            List.of(SeedTypes.bindings(row)));
                                            return "";
                                        });
                                    }
                                    return None.NONE;
                                });
                    case "commit" ->
                        (context, values, keywords) -> located(context, () -> {
                            session().commit();
                            return "";
                        });
                    case "verify_database" -> (context, values, keywords) -> "";
                    case "expand_target_column_types" ->
                        JinjaFunction.of(name, "from_relation, to_relation", this::expand);
                    case "get_incremental_strategy_macro" ->
                        JinjaFunction.of(
                                name, "model_context, strategy", (context, bound) -> strategy(context, bound.text(1)));
                    case "convert_type" ->
                        JinjaFunction.of(
                                name,
                                "agate_table, col_idx",
                                (context, bound) -> SeedTypes.type(
                                        (ResultTable) bound.value(0), bound.integer(1), engine.adapterType()));
                    case "load_seed_rows" ->
                        JinjaFunction.of(name, "relation, columns, agate_table, batch_size", (context, bound) -> {
                            String sql = "insert into " + bound.text(0) + " (" + bound.text(1) + ") values ";
                            ResultTable table = (ResultTable) bound.value(2);
                            return located(context, () -> {
                                SeedTypes.load(session(), sql, table, bound.integer(3));
                                return sql + "...";
                            });
                        });
                    case "parse_index" ->
                        JinjaFunction.of(name, "raw_index", (context, bound) -> index(context, bound.value(0)));
                    case "standardize_grants_dict" ->
                        JinjaFunction.of(
                                name, "grants_table", (context, bound) -> grants((ResultTable) bound.value(0)));
                    case "render_raw_columns_constraints" ->
                        JinjaFunction.of(
                                name,
                                "raw_columns",
                                (context, bound) -> Constraints.ofColumns((Map<?, ?>) bound.value(0), engine.style()));
                    case "render_raw_model_constraints" ->
                        JinjaFunction.of(
                                name,
                                "raw_constraints",
                                (context, bound) -> Constraints.ofModel((List<?>) bound.value(0)));
                    case "get_column_schema_from_query" ->
                        JinjaFunction.of(name, "sql", (context, bound) -> columnsOf(context, bound.text(0)));
                    case "get_seed_file_path" ->
                        JinjaFunction.of(
                                name,
                                "model",
                                (context, bound) -> ((Map<?, ?>) bound.value(0)).get("root_path") + "/"
                                        + ((Map<?, ?>) bound.value(0)).get("original_file_path"));
                    case "valid_snapshot_target", "assert_valid_snapshot_target_given_strategy" ->
                        JinjaFunction.of(
                                name,
                                "relation, column_names=None, strategy=None",
                                (context, bound) -> validSnapshot(context, bound.value(0), bound.value(1)));
                    case "is_motherduck", "is_ducklake" -> (context, values, keywords) -> false;
                    default -> null;
                };
        return Optional.ofNullable(function);
    }

    private Session session() {
        return databases.session(output);
    }

    private Answer execute(CallContext context, String sql, boolean begins) {
        return located(context, () -> {
            if (begins) {
                session().begin();
            }
            return session().execute(sql);
        });
    }

    private interface Action<T> {
        T act();
    }

    private static <T> T located(CallContext context, Action<T> action) {
        try {
            return action.act();
        } catch (JinjaException e) {
            throw e;
        } catch (FreshetException e) {
            throw new StatementFailure(context.error(String.valueOf(e.getMessage())), e);
        }
    }

    private List<Object> columns(CallContext context, Relation relation) {
        return located(context, () -> session().columns(relation.schema(), relation.identifier()).stream()
                .map(AdapterQueries::column)
                .toList());
    }

    /** Makes text columns as long as what is coming. */
    private Object expand(CallContext context, dev.freshet.transform.jinja.Signature.Arguments bound) {
        if (!engine.adapterType().equals("duckdb")) {
            Relation to = (Relation) bound.value(1);
            Map<String, Column> known = new LinkedHashMap<>();
            columns(context, to).forEach(column -> known.put(((Column) column).name(), (Column) column));
            for (Object from : columns(context, (Relation) bound.value(0))) {
                Column goal = (Column) from;
                Column current = known.get(goal.name());
                if (current != null && current.canExpandTo(goal)) {
                    context.callMacro("alter_column_type", List.of(to, goal.name(), goal.dataType()), Map.of());
                }
            }
        }
        return None.NONE;
    }

    private Object strategy(CallContext context, String strategy) {
        String macro = "get_incremental_" + strategy.replace("+", "_") + "_sql";
        Optional<MacroDefinition> found = context.env().macro(macro);
        if (found.isPresent()) {
            return found.get();
        }
        throw context.error("there is no incremental strategy '" + strategy + "' on " + engine.adapterType()
                + ": append, delete+insert, merge, or one of your own as a macro " + macro + "(arg_dict)");
    }

    private List<Object> columnsOf(CallContext context, String sql) {
        Answer answer =
                execute(context, "select * from (\n" + sql + "\n) as freshet_columns where false limit 0", true);
        List<Object> columns = new ArrayList<>();
        for (int i = 0; i < answer.result().columns().size(); i++) {
            columns.add(AdapterQueries.column(new Database.FoundColumn(
                    answer.result().columns().get(i),
                    answer.result().types().get(i),
                    java.util.OptionalInt.empty(),
                    java.util.OptionalInt.empty(),
                    java.util.OptionalInt.empty())));
        }
        return columns;
    }

    private Object validSnapshot(CallContext context, Object target, Object names) {
        Set<String> known = new java.util.HashSet<>();
        columns(context, (Relation) target)
                .forEach(column -> known.add(((Column) column).name().toLowerCase(Locale.ROOT)));
        List<String> missing = new ArrayList<>();
        Map<?, ?> given = names instanceof Map<?, ?> map ? map : Map.of();
        for (String column : List.of("dbt_scd_id", "dbt_valid_from", "dbt_valid_to")) {
            Object named = given.get(column);
            String wanted = named == null || named == None.NONE ? column : named.toString();
            if (!known.contains(wanted.toLowerCase(Locale.ROOT))) {
                missing.add(wanted);
            }
        }
        if (!missing.isEmpty()) {
            throw context.error("Snapshot target is missing configured columns: " + String.join(", ", missing)
                    + ": it was not made by a snapshot of this configuration");
        }
        return None.NONE;
    }

    private static Object index(CallContext context, Object raw) {
        if (!(raw instanceof Map<?, ?> map) || !(map.get("columns") instanceof List<?> columns)) {
            throw context.error("an index is a dictionary with a list 'columns', not " + PythonValues.text(raw));
        }
        Object type = map.get("type");
        boolean isUnique = Boolean.TRUE.equals(map.get("unique"));
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("columns", new ArrayList<Object>(columns));
        members.put("unique", isUnique);
        members.put("type", type == null ? None.NONE : type);
        // An index is dropped with its table's old version only after the new one is made: their names must differ.
        members.put(
                "render",
                JinjaFunction.of(
                        "render",
                        "relation",
                        (call, bound) -> Digest.md5(columns + bound.text(0) + isUnique + type + System.nanoTime())));
        return new HostObject("index", members);
    }

    private static Object grants(ResultTable table) {
        Map<String, Object> grants = new LinkedHashMap<>();
        for (Tuple row : table.rows()) {
            @SuppressWarnings("unchecked")
            List<Object> grantees = (List<Object>) grants.computeIfAbsent(
                    String.valueOf(row.get(1)).toLowerCase(Locale.ROOT), privilege -> new ArrayList<>());
            grantees.add(row.get(0));
        }
        return grants;
    }
}
