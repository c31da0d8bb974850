package dev.freshet.state.duckdb.catalog;

import dev.freshet.state.RowMaintenance.ChangedValues;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.session.Session;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What transactions found out about tables and need not ask again. It is no part of the store: a transaction that fails, and a table that changes its
 * shape, make it forget.
 */
public final class KnownTables {

    private static final int ASKED_AGAIN = 1_000;
    private static final int IN_VAIN = 32;

    private record Counted(long rows, int asked) {}

    private record Files(TableSchema schema, Map<String, String> types) {}

    /**
     * What models will look for in a table.
     *
     * @param values that are looked for in the column
     */
    public record Expected(String column, Set<ChangedValues> values) {}

    private static final class Lookup {
        private final Set<ChangedValues> values = new TreeSet<>();
        private int unused;
    }

    /** Of use at most, so never forgotten; those that were in vain are tried again when the rest is forgotten. */
    private final Map<TableId, Map<String, Lookup>> lookups = new HashMap<>();

    private final Map<TableId, Files> files = new HashMap<>();
    private final Set<Long> filled = new HashSet<>();
    private final Set<String> many = new HashSet<>();
    private final Map<String, Long> groups = new HashMap<>();
    private final Map<Long, String> totals = new HashMap<>();
    private final Map<Long, Counted> rows = new HashMap<>();

    /** DuckDB's types of the columns in staged changes of this shape, by lower-cased name; empty when unknown. */
    public Map<String, String> types(TableId table, TableSchema schema) {
        Files known = files.get(table);
        return known != null && known.schema().equals(schema) ? known.types() : Map.of();
    }

    /** Staged changes of a shape have these types, by lower-cased name. */
    public void types(TableId table, TableSchema schema, Map<String, String> types) {
        files.put(table, new Files(schema, Map.copyOf(types)));
    }

    /** Whether a mirror had rows once: from then on it is not filled like a new one. */
    public boolean isFilled(Mirror mirror) {
        return filled.contains(mirror.id());
    }

    /** A mirror has got rows. */
    public void filled(Mirror mirror) {
        filled.add(mirror.id());
    }

    /** Whether a look for rows found many before. */
    public boolean findsMany(String lookup) {
        return many.contains(lookup);
    }

    /** A look for rows found many. */
    public void foundMany(String lookup) {
        many.add(lookup);
    }

    /** A model looked for rows, and others will as well. */
    public void expect(TableId table, String column, Collection<ChangedValues> values) {
        lookups.computeIfAbsent(table, key -> new TreeMap<>())
                .computeIfAbsent(column, key -> new Lookup())
                .values
                .addAll(values);
    }

    /** What will be looked for in a table by a column of its key; nothing that was expected often in vain. */
    public Optional<Expected> expected(Mirror mirror) {
        for (Map.Entry<String, Lookup> lookup :
                lookups.getOrDefault(mirror.table(), Map.of()).entrySet()) {
            if (mirror.schema().key().contains(lookup.getKey()) && lookup.getValue().unused < IN_VAIN) {
                lookup.getValue().unused++;
                return Optional.of(new Expected(lookup.getKey(), Set.copyOf(lookup.getValue().values)));
            }
        }
        return Optional.empty();
    }

    /** It came as expected. */
    public void usedExpected(TableId table, String column) {
        lookups.getOrDefault(table, Map.of()).getOrDefault(column, new Lookup()).unused = 0;
    }

    /** How many rows a mirror has, about: they are counted now and then. */
    public long rows(Session session, Mirror mirror) throws SQLException {
        Counted known = rows.get(mirror.id());
        if (known == null || known.asked() == ASKED_AGAIN) {
            known = new Counted(session.number("SELECT count(*) FROM " + mirror.physical()), 0);
        }
        rows.put(mirror.id(), new Counted(known.rows(), known.asked() + 1));
        return known.rows();
    }

    /** How many groups a table of totals has; empty when unknown. */
    public OptionalLong groups(String table) {
        Long known = groups.get(table);
        return known == null ? OptionalLong.empty() : OptionalLong.of(known);
    }

    /** A table of totals has so many groups. */
    public void groups(String table, long number) {
        groups.put(table, number);
    }

    /** Whether a model's tables of groups are there, in the columns of this text. */
    public boolean hasTotals(Output output, String text) {
        return text.equals(totals.get(output.id()));
    }

    /** A model's tables of groups were made for this text. */
    public void totals(Output output, String text) {
        totals.put(output.id(), text);
    }

    /** The number of groups of a table of totals is unknown again. */
    public void forgetGroups(String table) {
        groups.remove(table);
    }

    /** A model's tables of groups are not to be used any more. */
    public void forgetTotals(Output output) {
        totals.remove(output.id());
    }

    void forget() {
        files.clear();
        filled.clear();
        groups.clear();
        totals.clear();
        rows.clear();
        many.clear();
        lookups.values().forEach(columns -> columns.values().forEach(lookup -> lookup.unused = 0));
    }
}
