package dev.freshet.publisher.duckdb;

import dev.freshet.publisher.Target;
import dev.freshet.publisher.TargetContract;
import dev.freshet.state.Ownership;
import dev.freshet.state.Row;
import dev.freshet.state.TableId;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** The contract against a real file, which is open during deliveries only. */
class DuckDbTargetTest extends TargetContract {

    @TempDir
    private Path directory = Path.of("");

    private DuckDbFile file() {
        return new DuckDbFile(directory.resolve("ware house.duckdb"));
    }

    @Override
    protected String newSpace() {
        return "ware house";
    }

    @Override
    protected Target open(Ownership owner) {
        return file().open(owner);
    }

    @Override
    protected Map<Row, Long> contents(TableId table) {
        return file().contents(table);
    }

    @Override
    protected long[] countAndSum(TableId table) {
        return file().query("select count(*)::bigint, sum(a)::bigint from " + file().name(table)).get(0).stream()
                .mapToLong(value -> ((Number) value).longValue())
                .toArray();
    }

    @Override
    protected void byHand(TableId table, String... statements) {
        for (String statement : statements) {
            file().execute(statement.replace("%s", file().name(table)));
        }
    }

    @Override
    protected boolean exists(TableId table) {
        return file().exists(table);
    }
}
