package dev.freshet.publisher.postgres;

import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.publisher.postgres.PostgresCatalog.Relation;
import dev.freshet.state.Column;
import dev.freshet.state.RowCursor;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StoredOutput;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a table equal to its model's contents whatever it holds now: created where there is none, compared where the columns are the same, built
 * beside and swapped where they are not.
 */
final class TableRestatement {

    private static final Logger LOG = LoggerFactory.getLogger(TableRestatement.class);

    private final PostgresSession session;
    private final StateSnapshot snapshot;
    private final TableId table;
    private final TableSchema schema;
    private final String reason;
    private final Application application;

    /** Runs a staged change's statements. */
    interface Application {
        TableReceipt apply(TableChange change) throws SQLException;
    }

    TableRestatement(
            PostgresSession session,
            StateSnapshot snapshot,
            StoredOutput output,
            String reason,
            Application application) {
        this.session = session;
        this.snapshot = snapshot;
        this.table = output.model();
        this.schema = output.schema();
        this.reason = reason;
        this.application = application;
    }

    TableReceipt run(Optional<Relation> existing) throws SQLException {
        PostgresTypes.requireMappable(table, schema);
        if (existing.isEmpty()) {
            LOG.info("creating table '{}': {}", table, reason);
            PostgresCatalog.requireSchema(session, table.schema());
            return build(table.name(), Method.CREATION);
        }
        if (existing.get().holds(schema)) {
            LOG.info("comparing table '{}': {}", table, reason);
            return compare(existing.get());
        }
        LOG.info("replacing table '{}': {}", table, reason);
        return replace(existing.get());
    }

    private TableReceipt compare(Relation existing) throws SQLException {
        TableReceipt receipt;
        try (RowCursor contents = snapshot.contents(table)) {
            receipt = application.apply(TableChange.stageByComparison(session, table, contents, Optional.empty()));
        }
        if (!PostgresCatalog.hasDeliveryIndex(session, existing.id(), schema)) {
            tryToIndex();
        }
        return receipt;
    }

    /** A table of ours by right of delivery only may be someone else's: then it stays without an index, and deliveries are slower. */
    private void tryToIndex() throws SQLException {
        Savepoint before = session.connection().setSavepoint();
        try {
            index(table.name(), indexName());
            session.execute("analyze " + Identifier.quote(table));
            session.connection().releaseSavepoint(before);
        } catch (SQLException e) {
            if (!PostgresErrors.concernsOneTable(e)) {
                throw e;
            }
            session.connection().rollback(before);
            session.forgetStaging();
            LOG.warn(
                    "table '{}' has no index that finds changed rows and none can be made ({}): deliveries read all of it",
                    table,
                    PostgresErrors.reason(e));
        }
    }

    private TableReceipt replace(Relation existing) throws SQLException {
        TableSwap.requireReplaceable(session, table, existing, reason);
        String beside = "freshet_new_" + shortHash();
        TableReceipt receipt = build(beside, Method.SWAP);
        new TableSwap(session, table, existing, beside).run(() -> indexUnlessCarried(beside));
        return receipt;
    }

    /** Returns the statement that gives the index its proper name once the old one's is free. */
    private Optional<String> indexUnlessCarried(String beside) throws SQLException {
        TableId built = new TableId(table.connection(), table.schema(), beside);
        Relation relation = PostgresCatalog.relations(session, List.of(built)).get(built);
        Optional<String> rename = Optional.empty();
        if (relation == null || !PostgresCatalog.hasDeliveryIndex(session, relation.id(), schema)) {
            String temporary = beside + "_d";
            index(beside, temporary);
            rename = Optional.of("alter index " + Identifier.quote(table.schema()) + "." + Identifier.quote(temporary)
                    + " rename to " + Identifier.quote(indexName()));
        }
        session.execute("analyze " + Identifier.quote(built));
        return rename;
    }

    private String indexName() {
        StringBuilder name = new StringBuilder(table.name());
        while (name.toString().getBytes(StandardCharsets.UTF_8).length > 40) {
            name.setLength(name.length() - 1);
        }
        return name + "_freshet_" + shortHash();
    }

    private String shortHash() {
        return UUID.nameUUIDFromBytes(table.toString().getBytes(StandardCharsets.UTF_8))
                .toString()
                .substring(0, 8);
    }

    private TableReceipt build(String name, Method method) throws SQLException {
        String relation = Identifier.quote(table.schema()) + "." + Identifier.quote(name);
        session.execute("create table " + relation + " ("
                + schema.columns().stream().map(TableRestatement::definition).collect(Collectors.joining(", "))
                + ")");
        RowCopy copy = RowCopy.intoTable(session.copies(), relation, table, schema);
        try (RowCursor contents = snapshot.contents(table)) {
            TableChange.writeAll(copy, contents);
        }
        if (method == Method.CREATION) {
            index(name, indexName());
            session.execute("analyze " + relation);
        }
        return new TableReceipt(table, method, 0, copy.rows(), copy.refusedRows(), copy.refusal());
    }

    private static String definition(Column column) {
        return Identifier.quote(column.name()) + " " + PostgresTypes.sqlType(column.type());
    }

    private void index(String name, String index) throws SQLException {
        session.execute("create index " + Identifier.quote(index) + " on " + Identifier.quote(table.schema()) + "."
                + Identifier.quote(name) + " (" + new StagingTable("", schema).indexExpression() + ")");
    }
}
