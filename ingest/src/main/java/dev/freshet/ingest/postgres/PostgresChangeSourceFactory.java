package dev.freshet.ingest.postgres;

import dev.freshet.ingest.ChangeSource;
import dev.freshet.ingest.ChangeSourceFactory;
import dev.freshet.ingest.SourceProblem;
import dev.freshet.ingest.TableReader;
import dev.freshet.state.Connection;
import java.util.List;

/**
 * PostgreSQL 14 and newer. Settings are those of dbt's postgres profile: {@code host port user password dbname sslmode sslcert sslkey
 * sslrootcert}; those under {@code debezium.} go to Debezium verbatim.
 */
public final class PostgresChangeSourceFactory implements ChangeSourceFactory {

    private static final long CHUNK_ROWS = 200_000;

    @Override
    public String id() {
        return "postgres";
    }

    @Override
    public ChangeSource create(Setup setup) {
        return new PostgresChangeSource(setup, CHUNK_ROWS);
    }

    @Override
    public List<SourceProblem> check(Setup setup) {
        return new CaptureCheck(setup).problems();
    }

    @Override
    public TableReader reader(Connection connection) {
        return new PostgresTableReader(Database.of(connection));
    }
}
