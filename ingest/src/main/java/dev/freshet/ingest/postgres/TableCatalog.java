package dev.freshet.ingest.postgres;

import dev.freshet.ingest.SourceProblem;
import dev.freshet.state.DataType;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.StagedColumns;
import dev.freshet.state.TableId;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads the shapes of tables from the database's catalog and refuses, all at once, what can't be captured. */
final class TableCatalog {

    private static final Set<String> RESERVED = Set.of(
            StagedColumns.OP,
            StagedColumns.POSITION,
            StagedColumns.TX,
            StagedColumns.COMMITTED_AT,
            StagedColumns.SEQUENCE,
            StagedColumns.UNAVAILABLE,
            StagedColumns.POISON,
            StagedColumns.LOAD);

    /** What the rows are for: the log needs more of a table than a one-time read. */
    enum Purpose {
        CAPTURE,
        READ
    }

    private record Found(
            long oid, TableId id, char kind, char identity, char persistence, boolean usable, boolean readable) {}

    private final Database database;
    private final Map<TableId, Map<String, String>> declaredTypes;
    private final Purpose purpose;

    TableCatalog(Database database, Map<TableId, Map<String, String>> declaredTypes, Purpose purpose) {
        this.database = database;
        this.declaredTypes = Map.copyOf(declaredTypes);
        this.purpose = purpose;
    }

    /** @throws FreshetException SOURCE naming every table and column that can't be captured, each with its remedy */
    Map<TableId, CapturedTable> describe(Connection connection, Collection<TableId> tables) {
        List<SourceProblem> problems = new ArrayList<>();
        Map<TableId, CapturedTable> described = look(connection, tables, problems);
        if (!problems.isEmpty()) {
            throw new FreshetException(
                    ErrorKind.SOURCE,
                    "output '" + database.output() + "' can't be captured:\n  "
                            + problems.stream().map(SourceProblem::text).collect(Collectors.joining("\n  ")));
        }
        return described;
    }

    /** What {@link #describe} would refuse. */
    List<SourceProblem> problems(Connection connection, Collection<TableId> tables) {
        List<SourceProblem> problems = new ArrayList<>();
        var unused = look(connection, tables, problems);
        return problems;
    }

    private Map<TableId, CapturedTable> look(
            Connection connection, Collection<TableId> tables, List<SourceProblem> problems) {
        try {
            Map<TableId, Found> found = find(connection, tables);
            missing(connection, tables, found, problems);
            Map<Long, List<CapturedColumn>> columns = columns(connection, found, problems);
            Map<TableId, CapturedTable> described = new LinkedHashMap<>();
            Map<Long, List<List<String>>> keys = keys(connection, found);
            for (TableId table : tables) {
                Found entry = found.get(table);
                if (entry != null) {
                    shape(entry, columns.getOrDefault(entry.oid, List.of()), keys.get(entry.oid), problems)
                            .ifPresent(shape -> described.put(table, shape));
                }
            }
            return described;
        } catch (SQLException e) {
            throw database.failed("reading the catalog", e);
        }
    }

    Set<TableId> existing(Connection connection, Collection<TableId> tables) {
        try {
            return find(connection, tables).values().stream()
                    .filter(found -> found.kind == 'r' || found.kind == 'p')
                    .map(Found::id)
                    .collect(Collectors.toUnmodifiableSet());
        } catch (SQLException e) {
            throw database.failed("reading the catalog", e);
        }
    }

    private Map<TableId, Found> find(Connection connection, Collection<TableId> tables) throws SQLException {
        Map<TableId, Found> found = new HashMap<>();
        try (PreparedStatement query = connection.prepareStatement(
                "select c.oid::int8, n.nspname, c.relname, c.relkind::text, c.relreplident::text, c.relpersistence::text,"
                        + " has_schema_privilege(n.oid, 'usage'), has_table_privilege(c.oid, 'select')"
                        + " from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
                        + " where (n.nspname::text, c.relname::text) in (select * from unnest(?::text[], ?::text[]))"
                        + " and c.relkind in ('r', 'p', 'v', 'm', 'f')")) {
            query.setArray(
                    1, texts(connection, tables.stream().map(TableId::schema).toList()));
            query.setArray(
                    2, texts(connection, tables.stream().map(TableId::name).toList()));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    TableId id = new TableId(database.output(), row.getString(2), row.getString(3));
                    found.put(
                            id,
                            new Found(
                                    row.getLong(1),
                                    id,
                                    row.getString(4).charAt(0),
                                    row.getString(5).charAt(0),
                                    row.getString(6).charAt(0),
                                    row.getBoolean(7),
                                    row.getBoolean(8)));
                }
            }
        }
        return found;
    }

    private void missing(
            Connection connection, Collection<TableId> tables, Map<TableId, Found> found, List<SourceProblem> problems)
            throws SQLException {
        List<TableId> missing = tables.stream()
                .filter(table -> !found.containsKey(table))
                .sorted()
                .toList();
        if (missing.isEmpty()) {
            return;
        }
        List<String> existing = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(
                        "select n.nspname || '.' || c.relname from pg_catalog.pg_class c"
                                + " join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p')"
                                + " and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by 1 limit 5000");
                ResultSet row = query.executeQuery()) {
            while (row.next()) {
                existing.add(row.getString(1));
            }
        }
        for (TableId table : missing) {
            String name = table.schema() + "." + table.name();
            problems.add(SourceProblem.of("table \"" + name + "\" does not exist in database '" + database.name() + "'"
                    + NearestName.of(name, existing)
                            .map(nearest -> ": did you mean \"" + nearest + "\"?")
                            .orElse(": check the source's 'schema' and 'identifier'")));
        }
    }

    private Map<Long, List<CapturedColumn>> columns(
            Connection connection, Map<TableId, Found> found, List<SourceProblem> problems) throws SQLException {
        ColumnTypes types = ColumnTypes.read(connection);
        boolean generatedSent = connection.getMetaData().getDatabaseMajorVersion() >= 18;
        Map<Long, Found> byOid = found.values().stream().collect(Collectors.toMap(Found::oid, f -> f));
        Map<Long, List<CapturedColumn>> columns = new HashMap<>();
        try (PreparedStatement query = connection.prepareStatement(
                "select attrelid::int8, attname, atttypid::int8, atttypmod, format_type(atttypid, atttypmod), attgenerated::text"
                        + " from pg_catalog.pg_attribute where attrelid::int8 = any (?) and attnum > 0 and not attisdropped"
                        + " order by attrelid, attnum")) {
            query.setArray(1, connection.createArrayOf("int8", byOid.keySet().toArray()));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    Found table = byOid.get(row.getLong(1));
                    String name = row.getString(2);
                    String generated = row.getString(6);
                    if (purpose == Purpose.CAPTURE
                            && (generated.equals("v") || (generated.equals("s") && !generatedSent))) {
                        // The log does not carry it, so it is no column for us: a model that uses it fails by its name.
                        continue;
                    }
                    Optional<String> declared = Optional.ofNullable(
                            declaredTypes.getOrDefault(table.id, Map.of()).get(name));
                    String sourceType = row.getString(5);
                    Optional<DataType> type = types.of(row.getLong(3), row.getInt(4), declared);
                    if (type.isEmpty()) {
                        problems.add(SourceProblem.of(unmappable(table.id, name, sourceType)));
                    } else {
                        columns.computeIfAbsent(table.oid, oid -> new ArrayList<>())
                                .add(new CapturedColumn(
                                        name, type.get(), sourceType, ValueReaders.of(type.get()), true));
                    }
                }
            }
        }
        return columns;
    }

    private static String unmappable(TableId table, String column, String type) {
        String remedy = type.startsWith("numeric")
                ? "declare 'data_type: numeric(38,10)' or 'data_type: text'"
                : "declare 'data_type: text' to take its text form";
        return "column \"" + column + "\" of table \"" + table.schema() + "." + table.name() + "\" has type " + type
                + ", which has no exact counterpart: " + remedy + " for it under the source's columns";
    }

    /** Per table the primary key and the replica identity index, in this order; a missing one is an empty list. */
    private static Map<Long, List<List<String>>> keys(Connection connection, Map<TableId, Found> found)
            throws SQLException {
        Map<Long, List<List<String>>> keys = new HashMap<>();
        found.values().forEach(table -> keys.put(table.oid, List.of(new ArrayList<String>(), new ArrayList<String>())));
        try (PreparedStatement query = connection.prepareStatement(
                "select i.indrelid::int8, a.attname, i.indisprimary and i.indimmediate, i.indisreplident"
                        + " from pg_catalog.pg_index i cross join unnest(i.indkey) with ordinality k(number, place)"
                        + " join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number"
                        + " where i.indrelid::int8 = any (?) and i.indisvalid and k.place <= i.indnkeyatts"
                        + " and (i.indisprimary or i.indisreplident) order by i.indrelid, k.place")) {
            query.setArray(1, connection.createArrayOf("int8", keys.keySet().toArray()));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    List<List<String>> both = keys.get(row.getLong(1));
                    if (row.getBoolean(3)) {
                        both.get(0).add(row.getString(2));
                    }
                    if (row.getBoolean(4)) {
                        both.get(1).add(row.getString(2));
                    }
                }
            }
        }
        return keys;
    }

    private Optional<CapturedTable> shape(
            Found table, List<CapturedColumn> columns, List<List<String>> keys, List<SourceProblem> problems) {
        String name = "\"" + table.id.schema() + "." + table.id.name() + "\"";
        int before = problems.size();
        Set<String> seen = new HashSet<>();
        for (CapturedColumn column : columns) {
            String folded = column.name().toLowerCase(Locale.ROOT);
            if (RESERVED.contains(folded)) {
                problems.add(SourceProblem.of("column \"" + column.name() + "\" of table " + name
                        + " has a name that Freshet keeps for itself: rename it, or read the table through a connection"
                        + " that is not captured"));
            } else if (!seen.add(folded)) {
                problems.add(SourceProblem.of("column \"" + column.name() + "\" of table " + name
                        + " differs from another one only in case, which DuckDB can't tell apart: rename one of them"));
            }
        }
        List<String> key = keys.get(0);
        boolean full = table.identity == 'f';
        if (purpose == Purpose.CAPTURE) {
            if (table.kind != 'r' && table.kind != 'p') {
                problems.add(SourceProblem.of(
                        name + " is not a table, so no log carries its changes: capture the tables behind it"));
            } else if (table.persistence != 'p') {
                problems.add(alter(table, "is not logged", "set logged"));
            } else if (table.identity == 'i') {
                key = keys.get(1);
            }
            if (problems.size() == before && key.isEmpty() && !full) {
                problems.add(alter(
                        table,
                        "has neither a primary key nor another replica identity, so updates and deletes would fail once"
                                + " it is published",
                        "replica identity full"));
            } else if (problems.size() == before && table.identity == 'n') {
                problems.add(alter(table, "has replica identity nothing", "replica identity default"));
            }
        }
        if (!table.usable || !table.readable) {
            problems.add(new SourceProblem("user '" + database.user() + "' may not read table " + name, grants(table)));
        }
        if (problems.size() > before || columns.isEmpty()) {
            return Optional.empty();
        }
        List<String> names = columns.stream().map(CapturedColumn::name).toList();
        if (!names.containsAll(key)) {
            return Optional.empty();
        }
        return Optional.of(CapturedTable.of(table.id, columns, key, full, 0));
    }

    private List<String> grants(Found table) {
        String user = Database.identifier(database.user());
        List<String> grants = new ArrayList<>();
        if (!table.usable) {
            grants.add("grant usage on schema " + Database.identifier(table.id.schema()) + " to " + user);
        }
        if (!table.readable) {
            grants.add("grant select on " + Database.relation(table.id) + " to " + user);
        }
        return grants;
    }

    private static SourceProblem alter(Found table, String problem, String remedy) {
        return new SourceProblem(
                "table \"" + table.id.schema() + "." + table.id.name() + "\" " + problem,
                List.of("alter table " + Database.relation(table.id) + " " + remedy));
    }

    private static Array texts(Connection connection, List<String> values) throws SQLException {
        return connection.createArrayOf("text", values.toArray());
    }
}
