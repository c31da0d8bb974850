package dev.freshet.deploy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.node.DataTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsFileTest {

    @TempDir
    Path project;

    @Test
    void defaultsAreThese() {
        assertThat(SettingsFile.read(project))
                .isEqualTo(new ServiceSettings(
                        project.resolve(".freshet"),
                        project.resolve(".freshet").resolve("staging"),
                        Duration.ofMillis(100),
                        50_000,
                        2L << 30,
                        5_000_000,
                        Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(10),
                        new HttpSettings("127.0.0.1", 8642),
                        new TestSettings(DataTest.Mode.MONITOR, Duration.ofMinutes(5)),
                        Duration.ofHours(1),
                        Duration.ofMinutes(1),
                        100_000,
                        new ClockSettings(ZoneOffset.UTC, Duration.ofSeconds(60)),
                        Map.of()));
    }

    @Test
    void everySettingIsRead() throws Exception {
        write(
                """
                directory: run
                batch:
                  interval: 250ms
                  rows: 1_000
                state:
                  memory_limit: 512MB
                  delta_log_rows: 7
                  threads: 3
                staging:
                  directory: stage
                  upkeep_interval: 2m
                  catalog:
                    type: rest
                    uri: http://localhost:1
                lease: 1h
                drain_timeout: 3s
                service:
                  host: 0.0.0.0
                  port: 0
                tests:
                  mode: gate
                  interval: 30s
                snapshot_interval: 12h
                pushdown_interval: 90s
                restatement:
                  beside_rows: 12
                time_zone: Europe/Vienna
                clock_interval: 5m
                """);
        assertThat(SettingsFile.read(project))
                .isEqualTo(new ServiceSettings(
                        project.resolve("run"),
                        project.resolve("stage"),
                        Duration.ofMillis(250),
                        1_000,
                        512L << 20,
                        7,
                        3,
                        Duration.ofMinutes(2),
                        Duration.ofHours(1),
                        Duration.ofSeconds(3),
                        new HttpSettings("0.0.0.0", 0),
                        new TestSettings(DataTest.Mode.GATE, Duration.ofSeconds(30)),
                        Duration.ofHours(12),
                        Duration.ofSeconds(90),
                        12,
                        new ClockSettings(ZoneId.of("Europe/Vienna"), Duration.ofMinutes(5)),
                        Map.of("type", "rest", "uri", "http://localhost:1")));
    }

    @Test
    void allMistakesAreToldAtOnceWithTheirLines() throws Exception {
        write(
                "batch:\n  intervall: 1s\n  rows: 0\nlease: soon\nservice:\n  port: 65536\ntests: {mode: on}\ntime_zone: Vienna\n");
        assertThatThrownBy(() -> SettingsFile.read(project))
                .isInstanceOf(FreshetException.class)
                .hasMessageContaining(
                        "freshet.yml:2: there is no setting 'batch.intervall'; known are batch.interval, ")
                .hasMessageContaining("freshet.yml:3: 'batch.rows' must be a whole number of at least 1, not '0'")
                .hasMessageContaining(
                        "freshet.yml:6: 'service.port' must be a whole number from 0 to 65535, not '65536'")
                .hasMessageContaining("freshet.yml:4: 'lease' must be a duration such as 100ms, 5s or 2m, not 'soon'")
                .hasMessageContaining("freshet.yml:7: 'tests.mode' must be off, monitor or gate, not 'on'")
                .hasMessageContaining(
                        "freshet.yml:8: 'time_zone' must be a time zone such as UTC or Europe/Vienna, not 'Vienna'");
    }

    @Test
    void brokenYamlNamesItsLine() throws Exception {
        write("batch:\n  interval: [1\n");
        assertThatThrownBy(() -> SettingsFile.read(project))
                .isInstanceOf(FreshetException.class)
                .hasMessageStartingWith("freshet.yml:3: not valid YAML");
    }

    private void write(String text) throws Exception {
        Files.writeString(project.resolve("freshet.yml"), text);
    }
}
