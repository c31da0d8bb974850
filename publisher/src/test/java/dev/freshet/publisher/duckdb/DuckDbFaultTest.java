package dev.freshet.publisher.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.publisher.Target;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Row;
import dev.freshet.state.TableId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Any statement of a delivery may be its last, because the file refuses it or because the process is gone: the tables move together or not at all. */
class DuckDbFaultTest {

    @TempDir
    private Path directory = Path.of("");

    private int files;

    private DuckDbFile newFile() {
        return new DuckDbFile(directory.resolve("w" + ++files + ".duckdb"));
    }

    @Test
    void firstDeliverySurvivesALossAtEachStatement() {
        int statements = 0;
        for (boolean broke = true; broke; statements++) {
            DuckDbFile file = newFile();
            FaultScene scene = new FaultScene();
            scene.cut(1);
            broke = losesAt(statements + 1, file, scene, Map.of(FaultScene.KEYED, Map.of(), FaultScene.BAG, Map.of()));
        }
        assertThat(statements).isBetween(10, 80);
    }

    @Test
    void deltaSurvivesALossAtEachStatement() {
        DuckDbFile file = newFile();
        FaultScene scene = new FaultScene();
        scene.cut(1);
        publish(file, scene);
        int statements = 0;
        for (boolean broke = true; broke; statements++) {
            Map<TableId, Map<Row, Long>> before = scene.contents();
            scene.cut(statements + 2);
            broke = losesAt(statements + 1, file, scene, before);
        }
        assertThat(statements).isBetween(10, 80);
    }

    @Test
    void comparisonSurvivesALossAtEachStatement() {
        DuckDbFile file = newFile();
        FaultScene scene = new FaultScene();
        scene.cut(1);
        publish(file, scene);
        int statements = 0;
        for (boolean broke = true; broke; statements++) {
            Map<TableId, Map<Row, Long>> before = scene.contents();
            scene.forget();
            scene.cut(statements + 2);
            broke = losesAt(statements + 1, file, scene, before);
        }
        assertThat(statements).isBetween(10, 80);
    }

    @Test
    void retractingSurvivesALossAtEachStatement() {
        int statements = 0;
        for (boolean broke = true; broke; statements++) {
            DuckDbFile file = newFile();
            FaultScene scene = new FaultScene();
            scene.cut(1);
            publish(file, scene);
            Breaker breaker = new Breaker(statements + 1);
            try (Target target = file.open(FaultScene.OWNER, breaker)) {
                target.retract(FaultScene.models());
            } catch (FreshetException e) {
                assertThat(e.kind()).isIn(ErrorKind.TARGET, ErrorKind.OUTCOME_UNKNOWN);
            }
            broke = breaker.broke();
            assertThat(FaultScene.contents(file))
                    .isIn(scene.contents(), Map.of(FaultScene.KEYED, Map.of(), FaultScene.BAG, Map.of()));
            publish(file, scene);
            assertThat(FaultScene.contents(file)).isEqualTo(scene.contents());
        }
        assertThat(statements).isBetween(5, 80);
    }

    /** @return whether the delivery was long enough to be broken there */
    private static boolean losesAt(
            int statement, DuckDbFile file, FaultScene scene, Map<TableId, Map<Row, Long>> before) {
        Breaker breaker = new Breaker(statement);
        ErrorKind kind = null;
        try (Target target = file.open(FaultScene.OWNER, breaker)) {
            scene.publish(target);
        } catch (FreshetException e) {
            kind = e.kind();
        }
        Map<TableId, Map<Row, Long>> found = FaultScene.contents(file);
        if (kind == null) {
            assertThat(breaker.broke())
                    .as("a loss is told, at statement %s", statement)
                    .isFalse();
            assertThat(found).isEqualTo(scene.contents());
        } else if (kind == ErrorKind.OUTCOME_UNKNOWN) {
            assertThat(found).as("statement %s", statement).isIn(before, scene.contents());
        } else {
            assertThat(kind).isEqualTo(ErrorKind.TARGET);
            assertThat(found).as("statement %s", statement).isEqualTo(before);
        }
        boolean committed = found.equals(scene.contents());
        List<TableReceipt> receipts = publish(file, scene);
        assertThat(FaultScene.contents(file)).isEqualTo(scene.contents());
        if (committed) {
            assertThat(receipts).extracting(TableReceipt::method).containsOnly(Method.UNCHANGED);
        }
        return breaker.broke();
    }

    private static List<TableReceipt> publish(DuckDbFile file, FaultScene scene) {
        try (Target target = file.open(FaultScene.OWNER)) {
            return scene.publish(target).tables();
        }
    }

    /** Refuses one statement, and all after it. */
    private static final class Breaker implements StatementListener {

        private int left;

        Breaker(int statement) {
            this.left = statement;
        }

        @Override
        public void before(String statement) throws SQLException {
            if (--left <= 0) {
                throw new SQLException("IO Error: lost before " + statement);
            }
        }

        boolean broke() {
            return left <= 0;
        }
    }

    /** What a process that died has left in the file and beside it is read back whole. */
    @Test
    void aProcessThatDiesInADeliveryLeavesAWholeCut() throws IOException, InterruptedException {
        FaultScene first = new FaultScene();
        first.cut(1);
        FaultScene second = new FaultScene();
        second.cut(1);
        second.cut(2);
        int died = 0;
        for (int statement = 1, exit = DyingDelivery.DIED; exit == DyingDelivery.DIED; statement += 6) {
            DuckDbFile file = newFile();
            exit = deliverAndDie(file, Integer.toString(statement));
            died += exit == DyingDelivery.DIED ? 1 : 0;
            assertThat(FaultScene.contents(file))
                    .as("statement %s", statement)
                    .isEqualTo((exit == DyingDelivery.DIED ? first : second).contents());
            publish(file, second);
            assertThat(FaultScene.contents(file)).isEqualTo(second.contents());
        }
        assertThat(died).isGreaterThan(2);
        DuckDbFile file = newFile();
        assertThat(deliverAndDie(file, "the answer to commit")).isEqualTo(DyingDelivery.DIED);
        assertThat(FaultScene.contents(file)).isEqualTo(second.contents());
    }

    private int deliverAndDie(DuckDbFile file, String statement) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx200m",
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.io.tmpdir=" + directory,
                        "-cp",
                        System.getProperty("java.class.path"),
                        DyingDelivery.class.getName(),
                        file.path().toString(),
                        statement)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(() -> read(output)).isIn(DyingDelivery.DIED, DyingDelivery.SURVIVED);
        return process.exitValue();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
