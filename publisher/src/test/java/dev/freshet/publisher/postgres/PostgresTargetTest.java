package dev.freshet.publisher.postgres;

import dev.freshet.publisher.Target;
import dev.freshet.publisher.TargetContract;
import dev.freshet.state.Ownership;
import dev.freshet.state.Row;
import dev.freshet.state.TableId;
import dev.freshet.testkit.PostgresServer;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract against a real server. */
class PostgresTargetTest extends TargetContract {

    private static Warehouse warehouse = null;

    @BeforeAll
    static void startServer() {
        warehouse = new Warehouse(PostgresServer.start());
    }

    @AfterAll
    static void stopServer() {
        warehouse.close();
    }

    @Override
    protected String newSpace() {
        return warehouse.newSchema();
    }

    @Override
    protected Target open(Ownership owner) {
        return warehouse.open(space, owner);
    }

    @Override
    protected Map<Row, Long> contents(TableId table) {
        return warehouse.contents(table);
    }

    @Override
    protected long[] countAndSum(TableId table) {
        return warehouse.query("select count(*), sum(a)::bigint from " + Identifier.quote(table)).get(0).stream()
                .mapToLong(value -> ((Number) value).longValue())
                .toArray();
    }

    @Override
    protected void byHand(TableId table, String... statements) {
        for (String statement : statements) {
            warehouse.execute(statement.replace("%s", Identifier.quote(table)));
        }
    }

    @Override
    protected boolean exists(TableId table) {
        return warehouse.exists(table);
    }
}
