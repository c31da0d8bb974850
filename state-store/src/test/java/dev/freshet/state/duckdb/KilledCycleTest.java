package dev.freshet.state.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.RowCursor;
import dev.freshet.state.StateEpoch;
import dev.freshet.state.StateSnapshot;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 in the middle of cycles: the store opens again, at a whole cut, not before the last one that was announced. */
class KilledCycleTest {

    private static final int KILLS = 10;

    @TempDir
    Path directory;

    @Test
    void reopensAtAWholeCut() throws IOException, InterruptedException {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        Set<StateEpoch> epochs = new HashSet<>();
        long reached = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            long announced = reached;
            Process child = CrashingCycle.start(directory, "run");
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
                int cycles = 1 + random.nextInt(12);
                String line = lines.readLine();
                while (line != null && cycles > 0) {
                    if (line.startsWith("CUT ")) {
                        announced = Long.parseLong(line.substring(4));
                        cycles--;
                    }
                    line = cycles > 0 ? lines.readLine() : line;
                }
                assertThat(line).as("the child ran until it was killed").isNotNull();
                // Anywhere within the next cycle.
                child.waitFor(random.nextInt(60), TimeUnit.MILLISECONDS);
            } finally {
                child.destroyForcibly();
                assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
            }
            reached = check(announced, epochs);
            clean();
        }
        assertThat(epochs).hasSize(1);
    }

    private long check(long announced, Set<StateEpoch> epochs) {
        try (DuckDbStateStore store = DuckDbStateStore.open(StoreFixture.config(directory));
                StateSnapshot snapshot = store.read()) {
            epochs.add(store.epoch());
            long cut = store.cut().number();
            assertThat(cut).isGreaterThanOrEqualTo(announced);
            assertThat(store.cut().position("s").ordinal()).isEqualTo(cut);
            try (RowCursor model = snapshot.contents(CrashingCycle.MODEL);
                    RowCursor source = snapshot.query("select v, count(*) as n from \"s.p\".\"t\" group by v")) {
                assertThat(StoreFixture.bag(source)).isEqualTo(CrashingCycle.expected(cut));
                assertThat(StoreFixture.bag(model)).isEqualTo(CrashingCycle.expected(cut));
            }
            if (cut > 1) {
                try (RowCursor changes =
                        snapshot.changes(CrashingCycle.MODEL, cut - 1).orElseThrow()) {
                    assertThat(changes.next()).isTrue();
                }
            }
            return cut;
        }
    }

    /** What a killed JVM leaves behind. */
    private void clean() throws IOException {
        try (Stream<Path> left = Files.list(directory.resolve("jvm"))) {
            for (Path file : left.toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
