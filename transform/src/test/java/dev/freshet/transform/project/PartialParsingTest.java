package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.transform.project.partial.KeptRenderings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** After any edit, a parse that uses what the last one kept gives the manifest of a full parse, and renders only what the edit concerns. */
class PartialParsingTest {

    private static final Instant FIRST = Instant.parse("2026-11-20T00:00:00Z");
    private static final Instant SECOND = Instant.parse("2026-11-21T12:00:00Z");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int RANDOM_EDITS = 30;

    @TempDir
    Path directory;

    private ProjectOnDisk project;

    @BeforeEach
    void aProjectWithABitOfEverything() {
        project = ProjectEdit.projectToEdit(directory);
    }

    static Stream<ProjectEdit> edits() {
        return ProjectEdit.all();
    }

    @ParameterizedTest
    @MethodSource("edits")
    void givesTheManifestOfAFullParse(ProjectEdit edit) {
        project.parsePartially("run", FIRST);
        assertThat(project.parsePartially("run", FIRST).renderings()).isEmpty();
        edit.change().accept(project);
        ParsedProject partial = project.parsePartially("run", FIRST);
        ParsedProject full = project.parse("run", FIRST);
        assertThat(json(partial)).isEqualTo(json(full));
        assertThat(partial.warnings()).isEqualTo(full.warnings());
        Set<String> rendered = new TreeSet<>(partial.renderings());
        if (edit.rendered().equals(List.of("*"))) {
            assertThat(rendered).containsAll(full.manifest().section("nodes").keySet());
        } else {
            assertThat(shown(rendered)).isEqualTo(shown(edit.rendered()));
        }
        assertThat(project.parsePartially("run", FIRST).renderings()).isEmpty();
    }

    /** Without hashes, and seeds by a name although their text is empty. */
    private static Set<String> shown(Iterable<String> rendered) {
        Set<String> shown = new TreeSet<>();
        rendered.forEach(what -> shown.add((what.isEmpty() ? ":seed" : what)
                .replaceAll("^(test\\.\\w+\\.\\w+)\\.(\\w+|\\*)$", "$1")
                .replaceAll("^(snapshots/.*:).*", "$1")));
        return shown;
    }

    private static String json(ParsedProject project) {
        try {
            return JSON.writerWithDefaultPrettyPrinter()
                    .writeValueAsString(project.manifest().document());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void editsInAnyOrderGiveTheManifestOfAFullParse() {
        long seed = System.nanoTime();
        System.out.println("PartialParsingTest seed " + seed);
        Random random = new Random(seed);
        List<ProjectEdit> all = edits().toList();
        List<String> done = new ArrayList<>();
        for (int i = 0; i < RANDOM_EDITS; i++) {
            ProjectEdit edit = all.get(random.nextInt(all.size()));
            try {
                edit.change().accept(project);
                done.add(edit.title());
            } catch (IllegalArgumentException | java.io.UncheckedIOException ignored) {
                continue; // an earlier edit took its text away
            }
            Throwable expected = catchThrowable(() -> project.parse("run", FIRST));
            Throwable failure = catchThrowable(() -> project.parsePartially("run", FIRST));
            if (expected != null) {
                assertThat(failure).as("seed %d after %s", seed, done).hasMessage(expected.getMessage());
                return;
            }
            assertThat(json(project.parsePartially("run", FIRST)))
                    .as("seed %d after %s", seed, done)
                    .isEqualTo(json(project.parse("run", FIRST)));
        }
    }

    @Test
    void mistakesAreFoundAndTheirMendingToo() {
        project.parsePartially("run", FIRST);
        String right = project.text("models/marts/orders.sql");
        for (String wrong : List.of("select {{ missing_macro() }} from {{ ref('nothing') }}", "{% if %}")) {
            project.model("marts/orders", wrong);
            Throwable expected = catchThrowable(() -> project.parse("run", FIRST));
            assertThat(expected).isNotNull();
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> project.parsePartially("run", FIRST)).hasMessage(expected.getMessage());
            }
        }
        project.model("marts/orders", right);
        assertThat(project.parsePartially("run", FIRST).renderings()).isEmpty();
        project.without("macros/cents.sql");
        Throwable missing = catchThrowable(() -> project.parse("run", FIRST));
        if (missing == null) {
            assertThat(json(project.parsePartially("run", FIRST))).isEqualTo(json(project.parse("run", FIRST)));
        } else {
            assertThatThrownBy(() -> project.parsePartially("run", FIRST)).hasMessage(missing.getMessage());
        }
    }

    @Test
    void whatLooksAtTheClockOrTheInvocationIsRenderedEveryTime() {
        project.model("staging/leaf", "{{ config(meta={'at': run_started_at.isoformat()}) }}select 1")
                .model("staging/dated", "{{ config(meta={'at': modules.datetime.date.today().isoformat()}) }}select 1")
                .model("staging/invoked", "{{ config(meta={'id': invocation_id}) }}select 1")
                .model("staging/printed", "{{ print('hello') }}select 1")
                .model("staging/commanded", "{{ config(meta={'which': flags.WHICH}) }}select 1");
        project.parsePartially("run", FIRST);
        ParsedProject partial = project.parsePartially("compile", SECOND);
        assertThat(json(partial)).isEqualTo(json(project.parse("compile", SECOND)));
        assertThat(partial.renderings())
                .contains(
                        "models/staging/leaf.sql:0",
                        "models/staging/dated.sql:0",
                        "models/staging/invoked.sql:0",
                        "models/staging/printed.sql:0",
                        "models/staging/commanded.sql:0")
                .doesNotContain("models/marts/orders.sql:0", "models/staging/recent.sql:0");
        assertThat(project.parsePartially("compile", SECOND).renderings())
                .contains("models/staging/printed.sql:0", "models/staging/leaf.sql:0")
                .doesNotContain("models/staging/commanded.sql:0");
    }

    @Test
    void whatReadsAValueThatCantBeComparedIsRenderedEveryTime() {
        project.var("cutoff", new Date(0));
        project.parsePartially("run", FIRST);
        project.var("cutoff", new Date(1));
        for (int i = 0; i < 2; i++) {
            ParsedProject partial = project.parsePartially("run", FIRST);
            assertThat(shown(partial.renderings())).containsExactly("model.demo.recent", "models/staging/recent.sql:0");
            assertThat(json(partial)).isEqualTo(json(project.parse("run", FIRST)));
        }
    }

    /** Java hands out the entries of some maps in another order in each process. */
    @Test
    void anotherProcessFindsWhatOneKept() throws Exception {
        assertThat(probe()).contains("model.demo.orders");
        assertThat(List.of(probe(), probe())).containsOnly("rendered []\n");
    }

    private String probe() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PartialParsingProbe.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return out;
    }

    @Test
    void modelsAreKeptForEachEngineThatTheyAreToldOf() {
        project.file(
                        "models/own.yml",
                        "sources: [{name: own, connection: warehouse, schema: raw, tables: [{name: events}]}]")
                .model(
                        "staging/leaf",
                        "{{ config(meta={'on': adapter.type()}) }}select * from {{ source('own', 'events') }}");
        project.parsePartially("run", FIRST);
        assertThat(shown(project.parseMaintainedPartially().renderings()))
                .containsExactly("model.demo.leaf", "models/staging/leaf.sql:0");
        ParsedProject again = project.parseMaintainedPartially();
        assertThat(again.renderings()).isEmpty();
        assertThat(json(again)).contains("\"on\" : \"duckdb\"").isNotEqualTo(json(project.parse("run", FIRST)));
        assertThat(json(project.parsePartially("run", FIRST))).isEqualTo(json(project.parse("run", FIRST)));
    }

    @Test
    void whatATemplateWarnedOfIsToldAgain() {
        project.model("staging/leaf", "\n{% do exceptions.warn('old style') %}select 1");
        List<String> told = project.parsePartially("run", FIRST).warnings();
        ParsedProject again = project.parsePartially("run", FIRST);
        assertThat(again.renderings()).isEmpty();
        assertThat(again.warnings()).isEqualTo(told).contains("models/staging/leaf.sql:2: old style");
    }

    @Test
    void compilesWhatItDidNotRender() {
        project.parsePartially("run", FIRST);
        ParsedProject partial = project.parsePartially("run", FIRST);
        assertThat(partial.renderings()).isEmpty();
        assertThat(partial.compile().models())
                .isEqualTo(project.parse("run", FIRST).compile().models());
    }

    @Test
    void aFileThatCantBeUsedIsLeftAlone() throws IOException {
        Path file = directory.resolve("target").resolve(KeptRenderings.FILE);
        project.parsePartially("run", FIRST);
        byte[] good = Files.readAllBytes(file);
        String expected = json(project.parse("run", FIRST));
        byte[] otherFormat = good.clone();
        otherFormat["freshet partial parse ".length()] = '0';
        byte[] damaged = good.clone();
        damaged[good.length / 2] ^= 1;
        Map<String, byte[]> contents = Map.of(
                "empty",
                new byte[0],
                "cut",
                Arrays.copyOf(good, good.length / 2),
                "longer",
                Arrays.copyOf(good, good.length + 1),
                "of another format",
                otherFormat,
                "damaged",
                damaged,
                "something else",
                "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        for (Map.Entry<String, byte[]> content : contents.entrySet()) {
            Files.write(file, content.getValue());
            ParsedProject parsed = project.parsePartially("run", FIRST);
            assertThat(parsed.renderings()).as(content.getKey()).contains("model.demo.orders");
            assertThat(json(parsed)).as(content.getKey()).isEqualTo(expected);
            assertThat(project.parsePartially("run", FIRST).renderings())
                    .as(content.getKey())
                    .isEmpty();
        }
        try (Stream<Path> files = Files.list(file.getParent())) {
            assertThat(files).as("nothing is left over").containsExactly(file);
        }
    }

    @Test
    void dbtProjectYmlTurnsItOff() {
        project.edit("dbt_project.yml", "profile: demo\n", "profile: demo\nflags: {partial_parse: false}\n");
        project.parsePartially("run", FIRST);
        assertThat(project.parsePartially("run", FIRST).renderings()).contains("model.demo.orders");
        assertThat(directory.resolve("target")).doesNotExist();
    }
}
