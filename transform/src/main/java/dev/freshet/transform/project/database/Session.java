package dev.freshet.transform.project.database;

import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A database session that statements may change things through, in transactions that are begun and committed by statements, as dbt's are. Used by one
 * thread.
 */
public final class Session implements Database, AutoCloseable {

    private static final Pattern PREFIX = Pattern.compile("^ERROR: ");
    private static final Pattern POSITION = Pattern.compile("\\n\\s*Position: \\d+");

    private final Connection output;
    private final JdbcDatabase database;
    private final java.sql.Connection session;
    private boolean isInTransaction;
    private StatementComment comment = StatementComment.NONE;

    private Session(Connection output, JdbcDatabase database) {
        this.output = output;
        this.database = database;
        this.session = database.session();
    }

    static Session over(Connection output, JdbcDatabase database) {
        return new Session(output, database);
    }

    void comment(StatementComment text) {
        comment = text;
    }

    /** Begins a transaction; nothing when one is open. */
    public void begin() {
        if (!isInTransaction) {
            run("begin");
            isInTransaction = true;
        }
    }

    /** Commits; nothing when no transaction is open. */
    public void commit() {
        if (isInTransaction) {
            run("commit");
            isInTransaction = false;
        }
    }

    /** Gives up what is not committed. Never fails: the session may be gone. */
    public void rollback() {
        isInTransaction = false;
        try (Statement statement = session.createStatement()) {
            statement.execute("rollback");
        } catch (SQLException ignored) {
            // no transaction is open, or the connection is gone, which the next statement says
        }
    }

    void rollbackIfOpen() {
        if (isInTransaction) {
            rollback();
        }
    }

    /** The driver has noticed that the database is not there any more: there is nothing left to close. */
    boolean isGone() {
        try {
            return session.isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    /**
     * Runs statements and waits for them.
     *
     * @throws FreshetException TARGET with the database's message
     */
    public Answer execute(String sql) {
        Answer answer = run(sql, comment.beside(sql));
        if (isInTransaction && endsTransaction(sql)) {
            isInTransaction = false;
        }
        return answer;
    }

    private static boolean endsTransaction(String sql) {
        List<String> words = StatementTag.words(sql);
        return words.size() <= 2
                && !words.isEmpty()
                && (words.get(0).equals("COMMIT")
                        || words.get(0).equals("ROLLBACK")
                        || words.get(0).equals("END"));
    }

    private Answer run(String sql) {
        return run(sql, sql);
    }

    private Answer run(String sql, String sent) {
        if (Thread.currentThread().isInterrupted()) {
            // Above all no commit of what nobody waits for any more.
            throw new FreshetException(
                    ErrorKind.RETRYABLE,
                    "the run on output '" + output.name() + "' was ended before its next statement");
        }
        try (Statement statement = session.createStatement()) {
            statement.setEscapeProcessing(false);
            boolean hasRows = statement.execute(database.adapted(sent));
            long count = -1;
            @Nullable QueryResult result = null;
            while (true) {
                if (hasRows) {
                    try (ResultSet found = statement.getResultSet()) {
                        result = database.read(found);
                    }
                    count = result.rows().size();
                } else {
                    long updated = statement.getLargeUpdateCount();
                    if (updated < 0) {
                        break;
                    }
                    result = null;
                    count = updated;
                }
                if (output.type().equals("duckdb")) {
                    break;
                }
                hasRows = statement.getMoreResults();
            }
            return answer(sql, count, result);
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    private Answer answer(String sql, long count, @Nullable QueryResult found) {
        QueryResult result = found == null ? new QueryResult("OK", List.of(), List.of(), List.of()) : found;
        if (output.type().equals("duckdb")) {
            return new Answer("OK", Optional.empty(), OptionalLong.empty(), result);
        }
        List<String> words = StatementTag.words(sql);
        String code = StatementTag.code(words, found != null || words.contains("AS") ? count : -1);
        boolean isCounted = code.equals("SELECT") || !code.contains(" ");
        return new Answer(
                StatementTag.message(code, isCounted ? count : -1),
                Optional.of(code),
                isCounted && count >= 0 ? OptionalLong.of(count) : OptionalLong.empty(),
                result);
    }

    /**
     * Inserts rows in batches.
     *
     * @param insert with one {@code ?} for each value
     */
    public void load(String insert, List<? extends List<? extends @Nullable Object>> rows) {
        begin();
        try (PreparedStatement statement = session.prepareStatement(insert)) {
            int parameter = 1;
            for (List<? extends @Nullable Object> row : rows) {
                for (Object value : row) {
                    statement.setObject(parameter++, value);
                }
            }
            statement.execute();
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    private static FreshetException failure(SQLException e) {
        String message = String.valueOf(e.getMessage());
        message = POSITION.matcher(PREFIX.matcher(message).replaceFirst("")).replaceFirst("");
        return new FreshetException(ErrorKind.TARGET, message, e);
    }

    @Override
    public QueryResult query(String sql) {
        return execute(sql).result();
    }

    @Override
    public List<FoundColumn> columns(String schema, String table) {
        return database.columns(schema, table);
    }

    @Override
    public List<FoundRelation> relations(String schema) {
        return database.relations(schema);
    }

    @Override
    public List<String> schemas() {
        return database.schemas();
    }

    @Override
    public Optional<FoundRelation> relation(String schema, String name) {
        return database.relation(schema, name);
    }

    @Override
    public void close() {
        rollbackIfOpen();
        database.close();
    }
}
