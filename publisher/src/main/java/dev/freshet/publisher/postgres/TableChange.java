package dev.freshet.publisher.postgres;

import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.state.RowCursor;
import dev.freshet.state.RowPart;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One table's change, staged at the server, and the statements that remain to be run to apply it: deletes, then one insert.
 *
 * @param deletes the statements that delete
 * @param insert the one that inserts, if any row came
 * @param leaving how many rows of a bag were staged to be deleted; 0 where it does not matter how many are found
 * @param demanded the query for how many of these the target can tell apart
 */
record TableChange(
        TableId table,
        Method method,
        List<String> deletes,
        Optional<String> insert,
        long leaving,
        String demanded,
        long quarantined,
        Optional<String> problem) {

    /** Stages a keyed table's change: the keys of the rows that left, and the rows that came. */
    static TableChange stageByKey(PostgresSession session, TableId table, RowCursor changes) throws SQLException {
        TableSchema schema = changes.schema();
        StagingTable staging = session.staging(table, schema);
        int[] key = schema.key().stream().mapToInt(schema::indexOf).toArray();
        boolean[] isKey = new boolean[schema.columns().size()];
        for (int column : key) {
            isKey[column] = true;
        }
        Set<BitSet> nullPatterns = new LinkedHashSet<>();
        boolean anyInserted = false;
        RowCopy copy = RowCopy.intoStaging(session.copies(), staging.relation(), table, schema);
        while (changes.next()) {
            boolean came = changes.weight() > 0;
            // Of a row that left only the key matters. One whose key can't be written was never there.
            boolean written = came
                    ? copy.row(changes::value, 1)
                    : copy.row(column -> isKey[column] ? changes.value(column) : null, 0);
            if (written) {
                noteNulls(changes, key, nullPatterns);
                anyInserted |= came;
            } else if (came) {
                copy.refused(1);
                // The row it replaces has to go all the same.
                if (copy.row(column -> isKey[column] ? changes.value(column) : null, 0)) {
                    noteNulls(changes, key, nullPatterns);
                }
            }
        }
        copy.finish();
        List<String> deletes =
                copy.rows() == 0 ? List.of() : staging.deletesByKey(table, new ArrayList<>(nullPatterns), copy.rows());
        return of(
                table,
                Method.DELTA,
                deletes,
                anyInserted ? Optional.of(staging.insertOnce(table)) : Optional.empty(),
                copy);
    }

    private static void noteNulls(RowCursor changes, int[] key, Set<BitSet> patterns) {
        BitSet nulls = null;
        for (int k = 0; k < key.length; k++) {
            if (changes.value(key[k]) == null) {
                nulls = nulls == null ? new BitSet() : nulls;
                nulls.set(k);
            }
        }
        if (nulls != null) {
            patterns.add(nulls);
        }
    }

    /** Stages a bag's change: each changed row value with the number of copies that came, or, negative, that left. */
    static TableChange stageByValue(PostgresSession session, TableId table, RowCursor changes) throws SQLException {
        TableSchema schema = changes.schema();
        StagingTable staging = session.staging(table, schema);
        RowCopy copy = RowCopy.intoStaging(session.copies(), staging.relation(), table, schema);
        long leaving = 0;
        boolean anyInserted = false;
        while (changes.next()) {
            long copies = changes.weight();
            if (copy.row(changes::value, copies)) {
                leaving += Math.max(-copies, 0);
                anyInserted |= copies > 0;
            } else {
                // What can't be written was not there before, either.
                copy.refused(Math.max(copies, 0));
            }
        }
        copy.finish();
        return new TableChange(
                table,
                Method.DELTA,
                leaving == 0 ? List.of() : List.of(staging.deleteCopies(table, copy.rows(), leaving)),
                anyInserted ? Optional.of(staging.insertNewCopies(table)) : Optional.empty(),
                leaving,
                staging.copiesToDelete(),
                copy.refusedRows(),
                copy.refusal());
    }

    /**
     * Stages the difference between what the table holds and what it should hold.
     *
     * @param part the rows that {@code contents} are of; empty when they are all
     */
    static TableChange stageByComparison(
            PostgresSession session, TableId table, RowCursor contents, Optional<RowPart> part) throws SQLException {
        TableSchema schema = contents.schema();
        StagingTable staging = session.staging(table, schema);
        String all = staging.name() + "_all";
        session.execute(staging.contentsCreation(all));
        RowCopy copy = RowCopy.intoContents(session.copies(), "pg_temp." + all, table, schema);
        writeAll(copy, contents);
        session.execute("set local work_mem = '64MB'");
        session.execute(staging.difference(table, "pg_temp." + all, part));
        session.execute("drop table pg_temp." + all);
        return of(
                table,
                Method.COMPARISON,
                List.of(staging.deleteByValue(table)),
                Optional.of(staging.insertCopies(table)),
                copy);
    }

    /** Writes whole contents and ends the copy. */
    static void writeAll(RowCopy copy, RowCursor contents) throws SQLException {
        while (contents.next()) {
            long copies = contents.weight();
            for (long i = 0; i < copies; i++) {
                if (!copy.row(contents::value)) {
                    copy.refused(1);
                }
            }
        }
        copy.finish();
    }

    private static TableChange of(
            TableId table, Method method, List<String> deletes, Optional<String> insert, RowCopy copy) {
        return new TableChange(table, method, deletes, insert, 0, "", copy.refusedRows(), copy.refusal());
    }

    List<String> statements() {
        List<String> all = new ArrayList<>(deletes);
        insert.ifPresent(all::add);
        return all;
    }

    /**
     * Whether rows that were to be deleted are not there, so that the table is not what was delivered. To be asked in the transaction in which it was applied.
     *
     * @param counts rows that each of {@link #statements} touched
     */
    boolean lacksRows(PostgresSession session, long[] counts) throws SQLException {
        long deleted = deleted(counts);
        return deleted < leaving && deleted < session.number(demanded);
    }

    private long deleted(long[] counts) {
        return Arrays.stream(counts).limit(deletes.size()).sum();
    }

    /** @param counts rows that each of {@link #statements} touched */
    TableReceipt receipt(long[] counts) {
        long deleted = deleted(counts);
        long inserted = insert.isPresent() ? counts[deletes.size()] : 0;
        return new TableReceipt(table, method, deleted, inserted, quarantined, problem);
    }
}
