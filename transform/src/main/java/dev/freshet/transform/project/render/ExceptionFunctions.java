package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.CallContext;
import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.PythonValues;
import dev.freshet.transform.jinja.Signature;
import dev.freshet.transform.jinja.Undefined;
import dev.freshet.transform.project.problem.Position;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/** {@code exceptions}: all of dbt's ways for a template to stop, each with a message of its own, and to warn. */
final class ExceptionFunctions {

    private final Map<String, Object> functions = new LinkedHashMap<>();

    private ExceptionFunctions() {}

    /** @param warnings told what {@code warn} says, and where */
    static HostObject of(BiConsumer<Position, String> warnings) {
        ExceptionFunctions all = new ExceptionFunctions();
        for (String plain : new String[] {
            "raise_compiler_error",
            "raise_database_error",
            "raise_parsing_error",
            "raise_not_implemented",
            "raise_dependency_error",
            "raise_cache_inconsistent",
            "raise_fail_fast_error"
        }) {
            all.add(plain, "msg, node=None", arguments -> arguments.text(0));
        }
        all.add(
                "missing_config",
                "model, name",
                arguments -> "model '" + id(arguments.value(0)) + "' needs '" + arguments.text(1) + "' in its config");
        all.add(
                "missing_materialization",
                "model, adapter_type",
                arguments -> "there is no materialization '"
                        + member(member(arguments.value(0), "config"), "materialized") + "' for " + arguments.text(1));
        all.add(
                "missing_relation",
                "relation, model=None",
                arguments -> "relation " + arguments.text(0) + " is not there");
        all.add(
                "relation_wrong_type",
                "relation, expected_type, model=None",
                arguments -> arguments.text(0) + " is a " + member(arguments.value(0), "type") + ", not the expected "
                        + arguments.text(1) + "; rename or drop it, or give the model another alias");
        all.add(
                "raise_contract_error",
                "yaml_columns, sql_columns",
                arguments -> "This model has an enforced contract that failed. The contract says "
                        + columns(arguments.value(0)) + ", its SQL gives " + columns(arguments.value(1))
                        + "; change the one or the other");
        all.add(
                "column_type_missing",
                "column_names",
                arguments -> "a contract needs 'data_type' for each column; it is missing for "
                        + columns(arguments.value(0)));
        all.add(
                "raise_ambiguous_alias",
                "node_1, node_2, duped_name=None",
                arguments -> "two nodes would be written to one relation: " + id(arguments.value(0)) + " and "
                        + id(arguments.value(1)) + "; change the alias of one");
        all.add(
                "raise_ambiguous_catalog_match",
                "unique_id, match_1, match_2",
                arguments -> "'" + arguments.text(0) + "' matches two relations of the database");
        all.add(
                "raise_dataclass_not_dict",
                "obj",
                arguments -> "this object is not a dictionary: " + PythonValues.text(arguments.value(0)));
        all.add(
                "raise_dep_not_found",
                "node, node_description, required_pkg",
                arguments -> id(arguments.value(0)) + " depends on " + arguments.text(1) + " of the package '"
                        + arguments.text(2) + "', which is not installed; run 'freshet deps'");
        all.add(
                "raise_duplicate_patch_name",
                "patch_1, existing_patch_path",
                arguments -> "'" + id(arguments.value(0)) + "' already has properties in " + arguments.text(1));
        all.add(
                "raise_duplicate_resource_name",
                "node_1, node_2",
                arguments -> "two nodes have one name: " + id(arguments.value(0)) + " and " + id(arguments.value(1)));
        all.add(
                "raise_invalid_property_yml_version",
                "path, issue",
                arguments -> arguments.text(0) + " is not a valid properties file: " + arguments.text(1));
        all.warn("warn", "msg, node=None", warnings, arguments -> arguments.text(0));
        all.warn(
                "warn_snapshot_timestamp_data_types",
                "snapshot_time_data_type, updated_at_data_type",
                warnings,
                arguments -> "the snapshot's time is a " + arguments.text(0) + " and 'updated_at' is a "
                        + arguments.text(1) + ": comparing them may go wrong");
        return new HostObject("exceptions", all.functions);
    }

    private void add(String name, String parameters, Function<Signature.Arguments, String> message) {
        functions.put(name, JinjaFunction.of(name, parameters, (context, arguments) -> {
            throw context.error(message.apply(arguments));
        }));
    }

    private void warn(
            String name,
            String parameters,
            BiConsumer<Position, String> warnings,
            Function<Signature.Arguments, String> message) {
        functions.put(name, JinjaFunction.of(name, parameters, (CallContext context, Signature.Arguments arguments) -> {
            warnings.accept(DbtFunctions.position(context), message.apply(arguments));
            return "";
        }));
    }

    private static String id(Object node) {
        Object id = member(node, "unique_id");
        return id instanceof String text ? text : PythonValues.text(node);
    }

    private static Object member(Object owner, String name) {
        Object value = owner instanceof Map<?, ?> map
                ? map.get(name)
                : owner instanceof dev.freshet.transform.jinja.JinjaObject object ? object.attribute(name) : null;
        return value == null || value instanceof Undefined ? None.NONE : value;
    }

    /** As a contract lists them where they are columns of one, else as they are. */
    private static String columns(Object columns) {
        if (columns instanceof List<?> list) {
            return list.isEmpty()
                    ? "no columns"
                    : list.stream()
                            .map(column -> column instanceof Map<?, ?> map && map.get("formatted") != null
                                    ? String.valueOf(map.get("formatted"))
                                    : PythonValues.text(column))
                            .collect(Collectors.joining(", "));
        }
        return PythonValues.text(columns);
    }
}
