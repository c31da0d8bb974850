package dev.freshet.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.ProjectLoader;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.selection.Criterion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** docs/dbt-compatibility.md says what is. */
class DbtCompatibilityTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path PAGE = ROOT.resolve("docs/dbt-compatibility.md");
    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| (\\w+) \\| (.+) \\|");
    private static final Pattern TEST = Pattern.compile("`(\\w+Test)\\.(\\w+)`");
    /** Of dbt's adapter tests: what they ask, how many tests of ours there are, and where. */
    private static final Pattern BEHAVIOUR = Pattern.compile("\\| ([a-z][^|`]*) \\| (\\d+) \\| (.+) \\|");

    private static final Pattern NAMED = Pattern.compile("`(\\w+Test)(?:\\.(\\w+))?`");
    /** Commands of Freshet that dbt does not have. */
    private static final Set<String> OURS =
            Set.of("demo", "serve", "status", "pause", "resume", "reload", "plan", "backfill", "retract");

    private static final Set<String> UNIVERSAL = Set.of("--help", "--version");

    private record Row(String name, String state, String text) {}

    @TempDir
    Path directory;

    private static Map<String, List<Row>> sections() throws IOException {
        Map<String, List<Row>> sections = new LinkedHashMap<>();
        String section = "";
        for (String line : Files.readAllLines(PAGE)) {
            if (line.startsWith("## ")) {
                section = line.substring(3);
            }
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                sections.computeIfAbsent(section, key -> new ArrayList<>())
                        .add(new Row(row.group(1), row.group(2), row.group(3)));
            }
        }
        return sections;
    }

    private static Map<String, Boolean> rows(String section) throws IOException {
        Map<String, Boolean> rows = new TreeMap<>();
        sections()
                .getOrDefault(section, List.of())
                .forEach(row -> rows.put(row.name(), !row.state().equals("not")));
        assertThat(rows).as(section).isNotEmpty();
        return rows;
    }

    @Test
    void everyRowHasAStateAndItsTestExists() throws IOException {
        Map<String, String> tests = tests();
        sections()
                .forEach((section, rows) -> rows.forEach(row -> {
                    String shown = section + ": " + row;
                    assertThat(row.state()).as(shown).isIn("works", "partly", "not");
                    Matcher named = TEST.matcher(row.text());
                    boolean isNamed = false;
                    while (named.find()) {
                        isNamed = true;
                        assertThat(tests).as(shown).containsKey(named.group(1));
                        assertThat(tests.get(named.group(1))).as(shown).contains("void " + named.group(2) + "(");
                    }
                    assertThat(isNamed || row.state().equals("not"))
                            .as("a test is named: " + shown)
                            .isTrue();
                }));
    }

    @Test
    void behavioursHaveAsManyTestsAsIsSaid() throws IOException {
        Map<String, String> tests = tests();
        int behaviours = 0;
        String section = "";
        for (String line : Files.readAllLines(PAGE)) {
            section = line.startsWith("## ") ? line.substring(3) : section;
            Matcher row = BEHAVIOUR.matcher(line);
            if (!section.equals("Adapter behaviour") || !row.matches()) {
                continue;
            }
            behaviours++;
            long found = 0;
            Matcher named = NAMED.matcher(row.group(3));
            while (named.find()) {
                String source = tests.getOrDefault(named.group(1), "");
                assertThat(source).as(line).isNotEmpty();
                if (named.group(2) == null) {
                    found += Pattern.compile("@(Parameterized)?Test\\b")
                            .matcher(source)
                            .results()
                            .count();
                } else {
                    assertThat(source).as(line).contains("void " + named.group(2) + "(");
                    found++;
                }
            }
            assertThat(found).as(row.group(1)).isEqualTo(Long.parseLong(row.group(2)));
        }
        assertThat(behaviours).isPositive();
    }

    private static Map<String, String> tests() throws IOException {
        Map<String, String> tests = new LinkedHashMap<>();
        for (String module : List.of("transform", "deploy")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module + "/src/test/java"))) {
                files.filter(file -> file.toString().endsWith("Test.java"))
                        .forEach(file -> tests.put(file.getFileName().toString().replace(".java", ""), text(file)));
            }
        }
        return tests;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void commandsAndFlagsAreThoseOfTheCommandLine() throws IOException {
        Map<String, Boolean> commands = rows("Commands");
        Map<String, Boolean> flags = rows("Flags");
        Set<String> there = new TreeSet<>();
        Set<String> options = new TreeSet<>();
        dev.freshet.deploy.cli.FreshetCommand.commands().forEach((name, command) -> {
            if (!OURS.contains(name) && name.equals(command.getCommandName())) {
                there.add(name);
                command.getCommandSpec().options().forEach(option -> addFlag(option, flags, options));
            }
        });
        options.removeAll(UNIVERSAL);
        assertThat(there).containsExactlyElementsOf(present(commands));
        assertThat(options).containsExactlyElementsOf(present(flags));
    }

    /** The name that has a row, else the longest, so that a missing row is seen. */
    private static void addFlag(CommandLine.Model.OptionSpec option, Map<String, Boolean> flags, Set<String> options) {
        options.add(
                Stream.of(option.names()).filter(flags::containsKey).findFirst().orElse(option.longestName()));
    }

    private static List<String> present(Map<String, Boolean> rows) {
        return rows.entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .toList();
    }

    @Test
    void selectorMethodsAreThoseThatAreUnderstood() throws IOException {
        assertThat(new TreeSet<>(Criterion.METHODS)).containsExactlyElementsOf(present(rows("Selector methods")));
    }

    @Test
    void contextMembersAreDefinedExactlyWhenTheyWork() throws IOException {
        Files.writeString(directory.resolve("dbt_project.yml"), "name: demo\nprofile: demo\n");
        Files.writeString(
                directory.resolve("profiles.yml"),
                "demo: {target: dev, outputs: {dev: {type: duckdb, path: ':memory:', schema: main}}}\n");
        ParsedProject project = ProjectLoader.parse(
                directory,
                new ProjectLoader.Options(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        Map.of(),
                        directory,
                        false,
                        false,
                        Instant.parse("2026-11-20T00:00:00Z")),
                "compile");
        Map<String, Boolean> rows = rows("The context");
        StringBuilder template = new StringBuilder();
        rows.keySet().forEach(name -> template.append("{{ ")
                .append(name.equals("dispatch") ? "adapter.dispatch" : name)
                .append(" is defined }} "));
        List<String> answers = List.of(
                project.inline(template.toString(), Databases.none()).strip().split(" ", -1));
        Map<String, Boolean> found = new TreeMap<>();
        int i = 0;
        for (String name : rows.keySet()) {
            found.put(name, answers.get(i++).equals("True"));
        }
        assertThat(found).isEqualTo(rows);
    }

    @Test
    void projectKeysAreKnown() throws IOException {
        StringBuilder file = new StringBuilder();
        for (String key : rows("dbt_project.yml").keySet()) {
            if (!key.equals("name")) {
                file.append(key).append(":\n");
            }
        }
        Files.writeString(directory.resolve("dbt_project.yml"), "name: demo\n" + file);
        assertThat(dev.freshet.transform.project.config.ProjectFile.read(directory)
                        .warnings())
                .isEmpty();
    }
}
