package dev.freshet.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.Await;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the real {@code ./freshet} in made-up installations. */
class LauncherTest {

    @TempDir
    private Path temporary;

    private Path root;
    private Path elsewhere;

    private record Outcome(int code, String out, String err) {}

    @BeforeEach
    void install() throws IOException {
        root = Files.createDirectories(temporary.resolve("an installation"));
        elsewhere = Files.createDirectories(temporary.resolve("some where"));
        Files.copy(Path.of("..", "freshet"), root.resolve("freshet"));
        assertThat(root.resolve("freshet").toFile().setExecutable(true)).isTrue();
    }

    @Test
    void startsTheDistributionOnEveryJdkThroughALinkAndKeepsTheCallersDirectory() throws Exception {
        distribution(root.resolve("deploy/target/dist"));
        Path link = elsewhere.resolve("link");
        Files.createSymbolicLink(link, elsewhere.relativize(root.resolve("freshet")));
        for (Path jdk : jdks()) {
            Outcome outcome = run(
                    Map.of("FRESHET_JAVA_HOME", jdk.toString(), "FRESHET_JAVA_OPTS", "-Dprobe=yes -Xmx64m"),
                    link.toString(),
                    "run",
                    "--select",
                    "a  b+");
            assertThat(outcome.code()).as("%s on %s", outcome, jdk).isZero();
            assertThat(outcome.out().lines())
                    .contains(
                            "arguments [run, --select, a  b+]",
                            "user.dir " + elsewhere,
                            "freshet.home " + root,
                            "java.library.path " + root.resolve("deploy/target/dist/native"),
                            "opened true",
                            "probe yes");
            assertThat(outcome.err()).isEmpty();
        }
    }

    @Test
    void commandsThatEndSoonDoWithoutTheCompilerForTheLongRun() throws Exception {
        distribution(root.resolve("deploy/target/dist"));
        for (String command : List.of("-q parse", "ls --select serve", "--version")) {
            assertThat(compiler(command)).as(command).isEqualTo("compiler for soon");
        }
        for (String command : List.of("serve", "run -s parse", "--debug serve", "demo")) {
            assertThat(compiler(command)).as(command).isEqualTo("compiler for the long run");
        }
    }

    @Test
    void smallMemoryIsAtHandUnlessToldOtherwise() throws Exception {
        distribution(root.resolve("deploy/target/dist"));
        String launcher = root.resolve("freshet").toString();
        assertThat(run(Map.of("GLIBC_TUNABLES", ""), launcher).out())
                .contains("malloc glibc.malloc.tcache_count=2000\n");
        assertThat(run(Map.of("GLIBC_TUNABLES", "glibc.malloc.arena_max=2"), launcher)
                        .out())
                .contains("malloc glibc.malloc.arena_max=2\n");
    }

    private String compiler(String arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(root.resolve("freshet").toString()));
        command.addAll(List.of(arguments.split(" ", -1)));
        return run(Map.of(), command.toArray(String[]::new))
                .out()
                .lines()
                .filter(line -> line.startsWith("compiler"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void takesTheNewestJdkItFinds() throws Exception {
        distribution(root.resolve("deploy/target/dist"));
        int newest = 0;
        for (Path jdk : jdks()) {
            newest = Math.max(newest, version(jdk));
        }
        Outcome outcome =
                run(Map.of("JAVA_HOME", "/nowhere"), root.resolve("freshet").toString());
        assertThat(outcome.out()).contains("version " + newest);
    }

    @Test
    void refusesAJdkThatIsNone() throws Exception {
        Outcome outcome = run(
                Map.of("FRESHET_JAVA_HOME", "/nowhere"), root.resolve("freshet").toString());
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err())
                .isEqualTo("freshet: FRESHET_JAVA_HOME is \"/nowhere\", which is not a JDK of version 17 or newer\n");
    }

    @Test
    void removesTheTemporaryFilesOfKilledProcessesAndOfNoOthers() throws Exception {
        distribution(root.resolve("deploy/target/dist"));
        Process killed = new ProcessBuilder("true").start();
        killed.waitFor();
        String user = new String(
                        new ProcessBuilder("id", "-u").start().getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .trim();
        Path left = Files.createDirectories(temporary.resolve("freshet-" + user + "/" + killed.pid()));
        Files.writeString(left.resolve("libduckdb_java.so"), "large");
        Path alive = Files.createDirectories(
                left.resolveSibling(Long.toString(ProcessHandle.current().pid())));
        Outcome outcome = run(Map.of(), root.resolve("freshet").toString());
        assertThat(outcome.out()).contains("java.io.tmpdir " + left.getParent());
        assertThat(left).doesNotExist();
        assertThat(alive).exists();
    }

    @Test
    void isReplacedByJavaSoThatSignalsReachIt() throws Exception {
        distribution(root.resolve("deploy/target/dist"));
        Path out = temporary.resolve("out");
        Process process = builder(Map.of(), List.of(root.resolve("freshet").toString(), "wait"))
                .redirectOutput(out.toFile())
                .start();
        Await.until("the probe to run", Duration.ofSeconds(20), () -> Files.readString(out)
                .contains("opened"));
        process.destroy();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(143);
        assertThat(Files.readString(out)).endsWith("drained\n");
    }

    @Test
    void buildsACheckoutOnceAndAgainWhenASourceChanged() throws Exception {
        checkout(
                """
                echo "[INFO] Building Freshet ingest 0.1.0-SNAPSHOT                    [4/7]"
                echo "[INFO] Downloaded from central: somewhere/a.jar (80 MB at 5.0 MB/s)"
                echo "[INFO] Downloaded from central: somewhere/b.jar (523 kB at 5.0 MB/s)"
                echo "in $PWD with $*" >>calls
                mkdir -p deploy/target
                cp -r ../prepared deploy/target/dist
                """);
        distribution(temporary.resolve("prepared"));

        Outcome first = run(Map.of(), root.resolve("freshet").toString(), "hello");
        assertThat(first.code()).as("%s", first).isZero();
        assertThat(first.out()).contains("arguments [hello]");
        assertThat(first.err().lines())
                .containsExactly(
                        "First use: building Freshet. It takes a minute or two, and downloads about 250 MB once where Maven has none of it yet.",
                        "  building ingest [4/7]",
                        "  fetched 80 MB");
        assertThat(Files.readString(root.resolve("calls")))
                .isEqualTo("in " + root
                        + " with -B -pl deploy -am package -Dmaven.test.skip=true -Dfreshet.warnings=-nowarn\n");

        Outcome second = run(Map.of(), root.resolve("freshet").toString());
        assertThat(second.err()).isEmpty();

        Files.setLastModifiedTime(
                root.resolve("ingest/src/main/Source.java"),
                FileTime.from(Instant.now().plusSeconds(5)));
        Outcome third = run(Map.of(), root.resolve("freshet").toString());
        assertThat(third.err()).startsWith("freshet: the sources changed, building again\n");
    }

    @Test
    void saysWhyABuildFailed() throws Exception {
        checkout("echo '[ERROR] Source.java:[3,1] not a statement'\necho '[INFO] noise'\nexit 1\n");
        Outcome outcome = run(Map.of(), root.resolve("freshet").toString());
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err())
                .contains("[ERROR] Source.java:[3,1] not a statement\n")
                .doesNotContain("noise")
                .endsWith("freshet: the build failed; its whole output is in " + root.resolve("deploy/target/build.log")
                        + "\n");
    }

    @Test
    void sideBySideOnlyOneBuilds() throws Exception {
        checkout("echo called >>calls\nsleep 1\nmkdir -p deploy/target\ncp -r ../prepared deploy/target/dist\n");
        distribution(temporary.resolve("prepared"));
        Process one =
                builder(Map.of(), List.of(root.resolve("freshet").toString())).start();
        Process two =
                builder(Map.of(), List.of(root.resolve("freshet").toString())).start();
        assertThat(one.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(two.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(List.of(one.exitValue(), two.exitValue())).containsOnly(0);
        assertThat(Files.readString(root.resolve("calls"))).isEqualTo("called\n");
    }

    /** A checkout whose Maven is a script. */
    private void checkout(String build) throws IOException {
        for (String module : List.of("deploy", "state-store", "ingest", "transform", "publisher")) {
            Files.createDirectories(root.resolve(module).resolve("src/main"));
            Files.writeString(root.resolve(module).resolve("pom.xml"), "");
        }
        Files.writeString(root.resolve("pom.xml"), "");
        Files.writeString(root.resolve("ingest/src/main/Source.java"), "");
        Files.writeString(root.resolve("mvnw"), "#!/bin/sh\nset -e\nrm -rf deploy/target/dist\n" + build);
        assertThat(root.resolve("mvnw").toFile().setExecutable(true)).isTrue();
    }

    private static void distribution(Path dist) throws IOException {
        Files.createDirectories(dist.resolve("lib"));
        Files.createDirectories(dist.resolve("native"));
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, LauncherProbe.class.getName());
        manifest.getMainAttributes().put(new Attributes.Name("Add-Opens"), "java.base/java.nio");
        String entry = LauncherProbe.class.getName().replace('.', '/') + ".class";
        try (OutputStream file = Files.newOutputStream(dist.resolve("lib/freshet.jar"));
                JarOutputStream jar = new JarOutputStream(file, manifest);
                var bytes = LauncherTest.class.getResourceAsStream("/" + entry)) {
            jar.putNextEntry(new ZipEntry(entry));
            bytes.transferTo(jar);
            jar.closeEntry();
        }
        Files.writeString(dist.resolve("built"), "");
    }

    private static List<Path> jdks() throws IOException {
        List<Path> jdks = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"))));
        Path installed = Path.of("/usr/lib/jvm");
        if (Files.isDirectory(installed)) {
            try (Stream<Path> homes = Files.list(installed)) {
                homes.filter(home -> Files.isExecutable(home.resolve("bin/javac")))
                        .forEach(jdks::add);
            }
        }
        return jdks;
    }

    private int version(Path jdk) throws Exception {
        String out = run(
                        Map.of("FRESHET_JAVA_HOME", jdk.toString()),
                        root.resolve("freshet").toString())
                .out();
        return out.lines()
                .filter(line -> line.startsWith("version "))
                .map(line -> Integer.parseInt(line.substring("version ".length())))
                .findFirst()
                .orElseThrow();
    }

    private Outcome run(Map<String, String> environment, String... command) throws Exception {
        Path out = Files.createTempFile(temporary, "out", "");
        Path err = Files.createTempFile(temporary, "err", "");
        Process process = builder(environment, List.of(command))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private ProcessBuilder builder(Map<String, String> environment, List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(elsewhere.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("FRESHET_"));
        builder.environment().put("TMPDIR", temporary.toString());
        builder.environment().putAll(environment);
        return builder;
    }
}
