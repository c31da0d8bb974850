package dev.freshet.transform.project.render;

import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.Signature;
import dev.freshet.transform.jinja.Undefined;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A table, view or inlined model as templates handle it. Immutable; the methods that templates call return changed copies.
 *
 * @param connection the output that the relation lives on
 * @param database empty where there is none
 * @param kind {@code table}, {@code view} or {@code cte}
 * @param included which parts are printed
 * @param quoted which parts are printed in quotes
 * @param excerpt what of it is read where it is printed
 */
public record Relation(
        String connection,
        String database,
        String schema,
        String identifier,
        String kind,
        RelationStyle style,
        Map<Part, Boolean> included,
        Map<Part, Boolean> quoted,
        Excerpt excerpt)
        implements JinjaObject {

    /** The parts of a name, in the order they are printed. */
    enum Part {
        DATABASE,
        SCHEMA,
        IDENTIFIER
    }

    private static final Signature PARTS = Signature.of("include", "database=None, schema=None, identifier=None");
    private static final Signature INCORPORATE = Signature.of("incorporate", "path=None, type=None");
    private static final Signature REPLACE_PATH =
            Signature.of("replace_path", "database=None, schema=None, identifier=None");
    private static final Set<String> ATTRIBUTES = Set.of(
            "database",
            "schema",
            "identifier",
            "name",
            "table",
            "type",
            "is_table",
            "is_view",
            "is_cte",
            "metadata",
            "get",
            "render",
            "include",
            "quote",
            "incorporate",
            "replace_path",
            "without_identifier",
            "is_materialized_view",
            "is_dynamic_table",
            "is_pointer",
            "path",
            "quote_policy",
            "include_policy",
            "quote_character",
            "relation_max_name_length",
            "can_be_renamed",
            "can_be_replaced",
            "information_schema",
            "information_schema_only",
            "quoted");

    public Relation {
        included = Map.copyOf(included);
        quoted = Map.copyOf(quoted);
    }

    public static Relation table(TableId table, String database, String kind, RelationStyle style) {
        Map<Part, Boolean> included = all(true);
        included.put(Part.DATABASE, style.withDatabase() && !database.isEmpty());
        return new Relation(
                table.connection(),
                database,
                table.schema(),
                table.name(),
                kind,
                style,
                included,
                all(true),
                Excerpt.ALL);
    }

    /** An ephemeral parent: a name within the statement. */
    public static Relation expression(String name, RelationStyle style) {
        Map<Part, Boolean> included = all(false);
        included.put(Part.IDENTIFIER, true);
        return new Relation("", "", "", name, "cte", style, included, all(false), Excerpt.ALL);
    }

    /** {@code api.Relation.create}: empty parts are not printed, an empty kind is None. */
    static Relation named(
            String connection, String database, String schema, String identifier, String kind, RelationStyle style) {
        Map<Part, Boolean> included = with(all(true), Part.DATABASE, style.withDatabase());
        return new Relation(connection, database, schema, identifier, kind, style, included, all(true), Excerpt.ALL);
    }

    /** A schema, as macros are handed one. */
    public static Relation schema(String connection, String database, String schema, RelationStyle style) {
        return named(connection, database, schema, "", "", style);
    }

    private static Map<Part, Boolean> all(boolean value) {
        Map<Part, Boolean> parts = new EnumMap<>(Part.class);
        for (Part part : Part.values()) {
            parts.put(part, value);
        }
        return parts;
    }

    @Override
    public String text() {
        return excerpt.of(name(), identifier);
    }

    /** Its name alone, {@code render()}. */
    private String name() {
        return Stream.of(Part.values())
                .filter(part -> Boolean.TRUE.equals(included.get(part)))
                .map(this::printed)
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining("."));
    }

    private String printed(Part part) {
        String name =
                switch (part) {
                    case DATABASE -> database;
                    case SCHEMA ->
                        style.inStateStore() && !connection.isEmpty()
                                ? StateNames.schema(new TableId(connection, schema, "-"))
                                : schema;
                    case IDENTIFIER -> identifier;
                };
        return name.isEmpty() || !Boolean.TRUE.equals(quoted.get(part)) ? name : style.quoted(name);
    }

    @Override
    public String representation() {
        return "<Relation " + text() + ">";
    }

    @Override
    public String typeName() {
        return "Relation";
    }

    /** dbt's relations are mappings, and packages recognize them by {@code get('metadata')}. */
    @Override
    public boolean isMapping() {
        return true;
    }

    @Override
    public Set<String> attributeNames() {
        return ATTRIBUTES;
    }

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "database" -> orNone(database);
            case "schema" -> orNone(schema);
            case "identifier", "name", "table" -> orNone(identifier);
            case "type" -> orNone(kind);
            case "is_table" -> kind.equals("table");
            case "is_view" -> kind.equals("view");
            case "is_cte" -> kind.equals("cte");
            case "metadata" -> Map.of("type", "Relation");
            case "get" ->
                JinjaFunction.of("get", "key, default=None", (context, arguments) -> {
                    Object value = attribute(arguments.string(0));
                    return value == Undefined.UNDEFINED ? arguments.value(1) : value;
                });
            case "render" -> (JinjaFunction) (context, arguments, keywords) -> name();
            case "include" ->
                (JinjaFunction) (context, arguments, keywords) -> withIncluded(changed(included, arguments, keywords));
            case "quote" ->
                (JinjaFunction) (context, arguments, keywords) -> withQuoted(changed(quoted, arguments, keywords));
            case "incorporate" -> (JinjaFunction) (context, arguments, keywords) -> incorporate(arguments, keywords);
            case "replace_path" ->
                (JinjaFunction) (context, arguments, keywords) -> {
                    Signature.Arguments parts = REPLACE_PATH.bind(arguments, keywords);
                    return withPath(given(parts, 0), given(parts, 1), given(parts, 2));
                };
            case "is_materialized_view" -> kind.equals("materialized_view");
            case "is_pointer", "is_dynamic_table" -> false;
            case "path" -> path();
            case "quote_policy", "include_policy" -> policy(name.equals("quote_policy") ? quoted : included);
            case "quote_character" -> style.quote();
            // PostgreSQL's limit; a name that is shorter than it must be is a name as well.
            case "relation_max_name_length" -> (JinjaFunction) (context, arguments, keywords) -> 63;
            case "can_be_renamed" -> kind.equals("table") || kind.equals("view");
            case "can_be_replaced" -> false;
            case "information_schema" ->
                JinjaFunction.of(
                        "information_schema",
                        "view_name=None",
                        (context, arguments) -> informationSchema(arguments.isNone(0) ? "" : arguments.text(0)));
            case "information_schema_only" -> (JinjaFunction) (context, arguments, keywords) -> informationSchema("");
            case "quoted" ->
                JinjaFunction.of("quoted", "identifier", (context, arguments) -> style.quoted(arguments.text(0)));
            case "without_identifier" ->
                (JinjaFunction) (context, arguments, keywords) -> withIncluded(with(included, Part.IDENTIFIER, false));
            default -> Undefined.UNDEFINED;
        };
    }

    private Map<String, Object> path() {
        Map<String, Object> path = new LinkedHashMap<>();
        path.put("database", orNone(database));
        path.put("schema", orNone(schema));
        path.put("identifier", orNone(identifier));
        return path;
    }

    private static Map<String, Object> policy(Map<Part, Boolean> parts) {
        Map<String, Object> policy = new LinkedHashMap<>();
        for (Part part : Part.values()) {
            policy.put(part.name().toLowerCase(Locale.ROOT), Boolean.TRUE.equals(parts.get(part)));
        }
        return policy;
    }

    /** The database's information schema, or one of its views, printed without quotes around what is not the database. */
    private Relation informationSchema(String view) {
        Map<Part, Boolean> printed = with(included, Part.SCHEMA, true);
        Map<Part, Boolean> marked = with(with(quoted, Part.SCHEMA, false), Part.IDENTIFIER, false);
        return new Relation(
                "",
                database,
                "INFORMATION_SCHEMA",
                view,
                "",
                style,
                with(printed, Part.IDENTIFIER, !view.isEmpty()),
                marked,
                Excerpt.ALL);
    }

    private Relation incorporate(List<Object> arguments, Map<String, Object> keywords) {
        Signature.Arguments bound = INCORPORATE.bind(arguments, keywords);
        Relation changed = this;
        if (bound.value(0) instanceof Map<?, ?> path) {
            changed = changed.withPath(part(path, "database"), part(path, "schema"), part(path, "identifier"));
        }
        return bound.isNone(1) ? changed : changed.withKind(bound.text(1));
    }

    private static Optional<String> part(Map<?, ?> path, String name) {
        Object value = path.get(name);
        return value == null || value == None.NONE ? Optional.empty() : Optional.of(value.toString());
    }

    private static Optional<String> given(Signature.Arguments arguments, int index) {
        return arguments.isNone(index) ? Optional.empty() : Optional.of(arguments.text(index));
    }

    private static Map<Part, Boolean> changed(
            Map<Part, Boolean> before, List<Object> arguments, Map<String, Object> keywords) {
        Signature.Arguments bound = PARTS.bind(arguments, keywords);
        Map<Part, Boolean> changed = new EnumMap<>(before);
        for (Part part : Part.values()) {
            if (!bound.isNone(part.ordinal())) {
                changed.put(part, bound.isTrue(part.ordinal()));
            }
        }
        return changed;
    }

    private static Map<Part, Boolean> with(Map<Part, Boolean> before, Part part, boolean value) {
        Map<Part, Boolean> changed = new EnumMap<>(before);
        changed.put(part, value);
        return changed;
    }

    private Relation withIncluded(Map<Part, Boolean> parts) {
        return new Relation(connection, database, schema, identifier, kind, style, parts, quoted, excerpt);
    }

    private Relation withQuoted(Map<Part, Boolean> parts) {
        return new Relation(connection, database, schema, identifier, kind, style, included, parts, excerpt);
    }

    private Relation withKind(String other) {
        return new Relation(connection, database, schema, identifier, other, style, included, quoted, excerpt);
    }

    private Relation withPath(Optional<String> database, Optional<String> schema, Optional<String> identifier) {
        return new Relation(
                connection,
                database.orElse(this.database),
                schema.orElse(this.schema),
                identifier.orElse(this.identifier),
                kind,
                style,
                included,
                quoted,
                excerpt);
    }

    /** The same, of which only a part is read. */
    public Relation reading(Excerpt part) {
        return new Relation(connection, database, schema, identifier, kind, style, included, quoted, part);
    }

    private static Object orNone(String value) {
        return value.isEmpty() ? None.NONE : value;
    }
}
