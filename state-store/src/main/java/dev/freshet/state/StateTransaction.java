package dev.freshet.state;

import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One cycle's work on the state store: all of it is seen together after {@link #commit}, none of it before or when the transaction is closed
 * without a commit. Used by one thread.
 *
 * <p>After any exception from a method here the transaction is dead: close it and begin another.
 */
public interface StateTransaction extends AutoCloseable {

    /**
     * Says what {@code now()} and {@code current_date} mean in the models of this transaction; the moment it began, in UTC, unless said.
     *
     * @param now the clock of the cut to come
     * @param zone where dates and local times are those of
     */
    default void clock(Instant now, ZoneId zone) {}

    /** What {@code now()} means in this transaction. */
    default Instant now() {
        return Instant.EPOCH;
    }

    /**
     * Applies a staged batch to the mirrors: events folded in order, rows compared, no-ops dropped. A table not seen before is created; a
     * schema that gained columns is evolved.
     *
     * <p>At most one batch of a source in a transaction ({@link StagedBatch#followedBy} joins several): changing rows that the same transaction
     * wrote is slow, and DuckDB 2.0.0.1 has been seen to return garbage for them.
     *
     * @return the deltas of the tables that really changed, in the order of their ids
     */
    List<TableDelta> reconcile(StagedBatch batch);

    /** What {@link #reconcile} found in this transaction beside its deltas, by table; tables without are left out. */
    default List<Reconciliation> reconciliations() {
        return List.of();
    }

    /** Whether the mirror of a source table holds a complete, consistent load. */
    boolean isReady(TableId source);

    /** Makes the SQL name of {@code model} stand for this query: a view that is expanded where it is read and has no rows of its own. */
    void defineView(TableId model, String sql);

    /**
     * Runs the model's SQL over the mirrors and the outputs maintained so far, compares the result as a bag with the stored output, stores
     * and logs the difference. This is the oracle that every faster plan is held to.
     *
     * @param sql a query in DuckDB's SQL that names tables as {@link StateNames#relation} does
     * @param uniqueKey the columns that identify a row of the result, empty for a bag
     * @throws ModelFailedException when the SQL fails, a result column's type has no {@link DataType}, or two rows share a unique key
     */
    TableDelta recompute(TableId model, String sql, List<String> uniqueKey);

    /** The means to compute affected rows only; empty when the store has none, and {@link #recompute} is the only way. */
    default Optional<RowMaintenance> rowMaintenance() {
        return Optional.empty();
    }

    /**
     * Replaces a model's output by what a shadow has computed, stored and logged as {@link #recompute} does. A model that was held stays so: its rows are now those of
     * the shadow's cut.
     *
     * @throws ModelFailedException as there
     */
    default TableDelta takeOver(TableId model, Shadow shadow, List<String> uniqueKey) {
        throw new UnsupportedOperationException("this store computes nothing beside its cycles");
    }

    /**
     * Makes the changes that were kept since a shadow's cut the ones of this transaction: its deltas tell them, and {@link RowMaintenance} can read them. For a
     * transaction that has done nothing else yet.
     */
    default List<TableDelta> changesSince(Shadow shadow) {
        throw new UnsupportedOperationException("this store computes nothing beside its cycles");
    }

    /**
     * Computes some rows of a model and replaces those that are stored; stored and logged as {@link #recompute} does.
     *
     * @param sql a query in the columns that are stored
     * @throws ModelFailedException as there, and when the columns are others
     */
    default TableDelta recompute(TableId model, String sql, RowPart part) {
        throw new UnsupportedOperationException("this store computes models as a whole");
    }

    /** Remembers that a model that was held is true for this cut as it is. */
    default void release(TableId model) {}

    /**
     * Runs a history-keeping model and takes its rows into the stored output; nothing that is stored is computed anew. Stored and logged as {@link
     * #recompute} does.
     *
     * @throws ModelFailedException as there, when the result lacks a stored column, or when a merge is given two rows of one key
     */
    TableDelta accumulate(TableId model, Accumulation accumulation);

    /**
     * Makes the versions that the rows of a source table went through in what this transaction reconciled readable as {@link StateNames#versions}, until it
     * ends.
     *
     * @throws FreshetException USER when the table has no key: its rows can't be followed
     */
    StagedVersions stageVersions(TableId source);

    /**
     * The same for what was reconciled since a position, in earlier transactions too. A version that lacks a value which only the row before it had is left
     * out.
     *
     * @param staged what staging holds since then; what this transaction has not reached counts for nothing
     */
    StagedVersions stageVersions(TableId source, StagedBatch staged, SourcePosition since);

    /**
     * Takes the rows of a history-keeping model's table as its stored output, which it must not have yet. For {@link #accumulate}, which then
     * continues from them in a later transaction.
     *
     * @param schema the table's columns and the model's unique key
     * @throws ModelFailedException when a row can't be kept, or two share a unique key
     */
    TableDelta adopt(TableId model, TableSchema schema, StagedBase rows);

    /** Forgets a model: its output, its log and its name. */
    void drop(TableId model);

    /**
     * Makes a mirror of rows that were copied into a file. Such a mirror is only read: it never follows changes, and columns that were not copied are NULL in
     * it.
     *
     * @param columns what the file holds, in its order
     * @param file comma-separated UTF-8 without a header, texts in double quotes where needed; an empty field without quotes is NULL
     * @return false when the store takes no files: nothing was done then
     * @throws FreshetException when a value can't be read from it
     */
    default boolean fill(TableId source, TableSchema schema, List<String> columns, Path file) {
        return false;
    }

    /** Remembers that a model keeps its last output because it can't be maintained now; {@link StateSnapshot} tells the reason. */
    void hold(TableId model, String reason);

    /**
     * Runs a query over mirrors and outputs as this transaction has left them. Close the answer before anything else is asked.
     *
     * @throws FreshetException USER when the SQL fails; the transaction is dead then, as after any other exception
     */
    RowCursor query(String sql);

    /** A small fact of the caller's own, in the same transaction (the fingerprint of a model's text, say). */
    void remember(String key, String value);

    /** What was remembered under a key, in this transaction or before; empty when nothing was. */
    String recall(String key);

    /**
     * Commits everything and reads the cut's number back.
     *
     * @param positions the new position of each source; sources not named keep theirs
     * @param clock not before the last cut's
     * @return the new cut, with the next number
     * @throws FreshetException RETRYABLE when the commit did not happen
     */
    Cut commit(Map<String, SourcePosition> positions, Instant clock);

    /** Rolls back unless committed. */
    @Override
    void close();
}
