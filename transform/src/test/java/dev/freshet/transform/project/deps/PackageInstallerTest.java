package dev.freshet.transform.project.deps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code deps} with real repositories, archives and a small hub. */
class PackageInstallerTest {

    @TempDir
    Path directory;

    private Path project;
    private final List<String> lines = new ArrayList<>();

    @BeforeEach
    void emptyProject() {
        project = directory.resolve("project");
        write(project.resolve("dbt_project.yml"), "name: demo\n");
    }

    @Test
    void installsLocalPackagesAndWhatTheyAskFor() {
        write(directory.resolve("a/dbt_project.yml"), "name: tools\n");
        write(directory.resolve("a/packages.yml"), "packages: [{local: ../b}]\n");
        write(directory.resolve("b/dbt_project.yml"), "name: base\n");
        write(project.resolve("packages.yml"), "packages:\n  - local: \"{{ env_var('WHERE') }}\"\n");
        assertThat(install(Map.of("WHERE", "../a"))).containsExactly("tools", "base");
        assertThat(project.resolve("dbt_packages/base/dbt_project.yml")).exists();
        assertThat(project.resolve("package-lock.yml"))
                .content()
                .startsWith(
                        "packages:\n  - local: ../a\n    name: tools\n  - local: ../b\n    name: base\nsha1_hash: ");
    }

    @Test
    void installsARevisionOfARepository() throws Exception {
        Path repository = directory.resolve("repository");
        write(repository.resolve("sub/dbt_project.yml"), "name: tools\nversion: 1\n");
        run(repository, "git", "init", "-q");
        commit(repository);
        run(repository, "git", "tag", "v1");
        write(repository.resolve("sub/dbt_project.yml"), "name: tools\nversion: 2\n");
        commit(repository);
        write(
                project.resolve("packages.yml"),
                "packages: [{git: 'file://" + repository + "', revision: v1, subdirectory: sub}]\n");
        assertThat(install(Map.of())).containsExactly("tools");
        assertThat(project.resolve("dbt_packages/tools/dbt_project.yml")).hasContent("name: tools\nversion: 1\n");
        assertThat(Files.readString(project.resolve("package-lock.yml"))).containsPattern("revision: [0-9a-f]{40}\n");
    }

    @Test
    void whatIsLockedIsInstalledUntilItIsUpgraded() throws Exception {
        Path repository = directory.resolve("repository");
        write(repository.resolve("dbt_project.yml"), "name: tools\nversion: 1\n");
        run(repository, "git", "init", "-q", "-b", "main");
        commit(repository);
        write(project.resolve("packages.yml"), "packages: [{git: 'file://" + repository + "', revision: main}]\n");
        assertThat(install(PackageInstaller.Mode.LOCK)).containsExactly("tools");
        assertThat(project.resolve("dbt_packages")).doesNotExist();
        Path installed = project.resolve("dbt_packages/tools/dbt_project.yml");
        write(repository.resolve("dbt_project.yml"), "name: tools\nversion: 2\n");
        commit(repository);
        install(PackageInstaller.Mode.INSTALL);
        assertThat(installed).hasContent("name: tools\nversion: 1\n");
        install(PackageInstaller.Mode.UPGRADE);
        assertThat(installed).hasContent("name: tools\nversion: 2\n");
        write(repository.resolve("dbt_project.yml"), "name: tools\nversion: 3\n");
        commit(repository);
        write(
                project.resolve("packages.yml"),
                "packages: [{git: 'file://" + repository + "', revision: main, warn-unpinned: false}]\n");
        install(PackageInstaller.Mode.INSTALL);
        assertThat(installed).hasContent("name: tools\nversion: 3\n");
    }

    /** The hash in the lock file of a public project for these requests, written by dbt 1.7. */
    @Test
    void hashesRequestsAsDbtDoes() {
        write(project.resolve("packages.yml"), "packages:\n  - package: dbt-labs/dbt_utils\n    version: 1.1.1\n");
        List<PackageList.Entry> entries = PackageList.entries(project, "", (text, position) -> text);
        assertThat(PackageLock.hash(entries, false)).isEqualTo("a158c48c59c2bb7d729d2a4e215aabe5bb4f3353");
        assertThat(PackageLock.hash(entries, true)).isEqualTo("6b0f88652232fc8696b93c02c7595fbe7523e48a");
    }

    @Test
    void addsPackagesToTheFile() {
        assertThat(PackageAddition.add(project, "dbt-labs/dbt_utils@1.1.1", "hub"))
                .containsExactly("Added dbt-labs/dbt_utils@1.1.1 to packages.yml");
        PackageAddition.add(project, "../tools", "local");
        PackageAddition.add(project, "https://h/dbt-labs/dbt-utils.git@main", "git");
        assertThat(project.resolve("packages.yml"))
                .hasContent(
                        """
                        packages:
                          - local: ../tools
                          - git: https://h/dbt-labs/dbt-utils.git
                            revision: main
                        """);
        PackageAddition.add(project, "acme/x@>=1.0.0,<2.0.0", "hub");
        assertThat(project.resolve("packages.yml"))
                .content()
                .contains("- '>=1.0.0'")
                .contains("- <2.0.0");
        assertThatThrownBy(() -> PackageAddition.add(project, "acme/x", "hub"))
                .hasMessage("--add-package needs a version when the source is hub: acme/x@1.0.0");
        assertThatThrownBy(() -> PackageAddition.add(project, "acme/x@1.0.0", "hup"))
                .hasMessage("--source is hub, git or local, not 'hup'");
    }

    @Test
    void aFailureLeavesWhatWasThere() {
        write(project.resolve("dbt_packages/old/dbt_project.yml"), "name: old\n");
        write(project.resolve("packages.yml"), "packages:\n  - git: file://u:s3cret@" + directory + "/nothing\n");
        assertThatThrownBy(() -> install(Map.of()))
                .hasMessageStartingWith(
                        "packages.yml:2: the package 'file://" + directory + "/nothing' can't be fetched: 'git' says: ")
                .hasMessageNotContaining("s3cret");
        assertThat(project.resolve("dbt_packages/old")).exists();
    }

    @Test
    void installsTarballsAndTheNewestFittingVersionOfTheHub() throws Exception {
        write(directory.resolve("pack/tools-1.2/dbt_project.yml"), "name: tools\n");
        run(directory.resolve("pack"), "tar", "-czf", "../tools.tar.gz", "tools-1.2");
        byte[] archive = Files.readAllBytes(directory.resolve("tools.tar.gz"));
        HttpServer hub = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String address = "http://localhost:" + hub.getAddress().getPort() + "/";
        String versions = "{\"versions\": {\"1.1.0\": {\"downloads\": {\"tarball\": \"" + address + "old\"}}, "
                + "\"1.2.0\": {\"downloads\": {\"tarball\": \"" + address + "good\"}}, "
                + "\"1.3.0-rc1\": {\"downloads\": {\"tarball\": \"" + address + "candidate\"}}, "
                + "\"2.0.0\": {\"downloads\": {\"tarball\": \"" + address + "new\"}}}}";
        hub.createContext("/api/v1/acme/tools.json", exchange -> {
            byte[] body = versions.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        hub.createContext("/good", exchange -> {
            exchange.sendResponseHeaders(200, archive.length);
            exchange.getResponseBody().write(archive);
            exchange.close();
        });
        hub.start();
        try {
            write(
                    project.resolve("packages.yml"),
                    "packages: [{package: acme/tools, version: ['>=1.0.0', '<2.0.0']}]\n");
            assertThat(install(Map.of("DBT_PACKAGE_HUB_URL", address))).containsExactly("tools");
            assertThat(project.resolve("package-lock.yml"))
                    .content()
                    .startsWith("packages:\n  - package: acme/tools\n    version: 1.2.0\n    name: tools\nsha1_hash: ");
            write(project.resolve("packages.yml"), "packages: [{package: acme/tools, version: '>=3.0.0'}]\n");
            assertThatThrownBy(() -> install(Map.of("DBT_PACKAGE_HUB_URL", address)))
                    .hasMessage(
                            "packages.yml:1: no version of 'acme/tools' is >=3.0.0; the hub has 1.1.0, 1.2.0, 1.3.0-rc1, 2.0.0");
            write(project.resolve("packages.yml"), "packages: [{package: acme/tolls, version: 1.0.0}]\n");
            assertThatThrownBy(() -> install(Map.of("DBT_PACKAGE_HUB_URL", address)))
                    .hasMessage(
                            "packages.yml:1: the package 'acme/tolls' can't be fetched: localhost answers 404; check its name");
        } finally {
            hub.stop(0);
        }
        write(project.resolve("packages.yml"), "packages: [{package: acme/tools, version: 1.0.0}]\n");
        assertThatThrownBy(() -> install(Map.of("DBT_PACKAGE_HUB_URL", address)))
                .hasMessageStartingWith(
                        "packages.yml:1: the package 'acme/tools' can't be fetched: 'localhost' can't be reached")
                .hasMessageEndingWith("use a 'git' or 'local' package, or copy it into dbt_packages yourself");
        write(
                project.resolve("packages.yml"),
                "packages: [{tarball: '" + directory.resolve("tools.tar.gz").toUri() + "', name: tools}]\n");
        assertThat(install(Map.of())).containsExactly("tools");
    }

    @Test
    void mistakesAreNamed() {
        write(project.resolve("packages.yml"), "packages:\n  - gti: x\n");
        assertThatThrownBy(() -> install(Map.of()))
                .hasMessage(
                        "packages.yml:2: a package needs 'local', 'git', 'tarball' or 'package'; did you mean 'git'?");
        write(project.resolve("packages.yml"), "packages:\n  - local: ../nothing\n");
        assertThatThrownBy(() -> install(Map.of()))
                .hasMessage("packages.yml:2: the local package '../nothing' is not a directory");
        write(directory.resolve("a/dbt_project.yml"), "name: demo\n");
        write(project.resolve("packages.yml"), "packages:\n  - local: ../a\n");
        assertThatThrownBy(() -> install(Map.of()))
                .hasMessage(
                        "packages.yml:2: '../a' is a second package named 'demo', the project's own name; keep one of the two");
    }

    private List<String> install(Map<String, String> environment) {
        return new PackageInstaller(project, environment, Map.of(), lines::add).install(PackageInstaller.Mode.INSTALL);
    }

    private List<String> install(PackageInstaller.Mode mode) {
        return new PackageInstaller(project, Map.of(), Map.of(), lines::add).install(mode);
    }

    private static void commit(Path repository) throws Exception {
        run(repository, "git", "add", "-A");
        run(repository, "git", "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "-m", "x");
    }

    private static void run(Path in, String... command) throws Exception {
        Process process =
                new ProcessBuilder(command).directory(in.toFile()).inheritIO().start();
        assertThat(process.waitFor()).isZero();
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
