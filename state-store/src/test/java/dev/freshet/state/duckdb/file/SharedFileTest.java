package dev.freshet.state.duckdb.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedFileTest {

    private static final int THREADS = 4;
    private static final int TIMES = 300;

    @TempDir
    Path directory;

    @Test
    void aFileThatIsBeingClosedIsWaitedFor() throws Exception {
        String url = "jdbc:duckdb:" + directory.resolve("lake.duckdb");
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<Integer>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                running.add(threads.submit(() -> {
                    int opened = 0;
                    while (opened < TIMES) {
                        try (Connection connection = SharedFile.connect(url)) {
                            assertThat(connection.isValid(1)).isTrue();
                            opened++;
                        }
                    }
                    return opened;
                }));
            }
            for (Future<Integer> one : running) {
                assertThat(one.get()).isEqualTo(TIMES);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void whatIsNoDatabaseIsRefused() {
        String url = "jdbc:duckdb:" + directory;
        assertThatThrownBy(() -> SharedFile.connect(url)).isInstanceOf(SQLException.class);
    }
}
