package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** A project in a directory of its own, built on one warehouse after the other. */
abstract class AdapterBehaviour {

    static final String TABLE = "{{ config(materialized='table') }} ";

    @TempDir
    Path directory;

    RunFixture run;

    final void open(Warehouse warehouse) {
        run = warehouse.fixture(directory);
    }

    /** Everything is built and tested, and goes well. */
    final void succeeds() {
        assertThat(run.build()).isNotEmpty().noneMatch(line -> line.matches("(?s)\\S+ (error|fail|skipped).*"));
    }
}
