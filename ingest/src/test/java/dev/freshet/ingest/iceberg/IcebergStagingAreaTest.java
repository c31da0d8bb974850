package dev.freshet.ingest.iceberg;

import dev.freshet.ingest.StagingArea;
import dev.freshet.ingest.StagingAreaContract;
import java.nio.file.Path;
import java.time.Clock;
import java.util.UUID;
import org.junit.jupiter.api.io.TempDir;

class IcebergStagingAreaTest extends StagingAreaContract {

    @TempDir
    Path directory;

    @Override
    protected StagingArea open() {
        return IcebergStagingArea.open(StagingSettings.local(directory), Clock.systemUTC(), UUID.randomUUID());
    }
}
