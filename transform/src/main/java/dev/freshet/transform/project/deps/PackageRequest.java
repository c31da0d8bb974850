package dev.freshet.transform.project.deps;

import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.yaml.YamlMapping;
import java.util.List;
import java.util.Optional;

/** One entry of {@code packages:}. */
sealed interface PackageRequest {

    /** Where the package comes from: two requests of one origin are one package. */
    String origin();

    /** What lines and messages say, without credentials. */
    String title();

    Position position();

    /** A directory, relative to the file that asks for it. */
    record Local(String path, Position position) implements PackageRequest {
        @Override
        public String origin() {
            return "local:" + path;
        }

        @Override
        public String title() {
            return path;
        }
    }

    /**
     * A git repository.
     *
     * @param revision empty for the default branch
     * @param subdirectory of the repository, empty for its root
     */
    record Git(String url, Optional<String> revision, Optional<String> subdirectory, Position position)
            implements PackageRequest {
        @Override
        public String origin() {
            return "git:" + url + subdirectory.map(below -> "#" + below).orElse("");
        }

        @Override
        public String title() {
            return withoutCredentials(url);
        }
    }

    /** An archive at an address. */
    record Tarball(String url, String name, Position position) implements PackageRequest {
        @Override
        public String origin() {
            return "tarball:" + url;
        }

        @Override
        public String title() {
            return withoutCredentials(url);
        }
    }

    /**
     * A package of the hub.
     *
     * @param name {@code owner/package}
     * @param versions what is allowed, all of it at once
     */
    record Hub(String name, List<String> versions, boolean withPrereleases, Position position)
            implements PackageRequest {

        public Hub {
            versions = List.copyOf(versions);
        }

        @Override
        public String origin() {
            return "hub:" + name;
        }

        @Override
        public String title() {
            return name;
        }
    }

    /** @throws dev.freshet.state.FreshetException USER with its position when it is not understood */
    static PackageRequest of(YamlMapping entry) {
        Position position = entry.position();
        if (entry.get("local").isPresent()) {
            return new Local(entry.requireText("local", "a package"), position);
        }
        if (entry.get("git").isPresent()) {
            return new Git(
                    entry.requireText("git", "a package"),
                    entry.text("revision"),
                    entry.text("subdirectory"),
                    position);
        }
        if (entry.get("tarball").isPresent()) {
            return new Tarball(
                    entry.requireText("tarball", "a package"),
                    entry.requireText("name", "a tarball package"),
                    position);
        }
        if (entry.get("package").isPresent()) {
            return new Hub(
                    entry.requireText("package", "a package"),
                    entry.texts("version"),
                    entry.text("install_prerelease").map(Boolean::parseBoolean).orElse(false),
                    position);
        }
        if (entry.get("private").isPresent()) {
            throw position.mistake(
                    "private packages are a feature of dbt's platform; name the repository with 'git:' instead");
        }
        String key = entry.entries().keySet().stream().findFirst().orElse("");
        throw position.mistake("a package needs 'local', 'git', 'tarball' or 'package'"
                + NearestName.hint(key, List.of("local", "git", "tarball", "package")));
    }

    /** An address without its user and password. */
    private static String withoutCredentials(String url) {
        return url.replaceFirst("(?<=://)[^/@]*@", "");
    }
}
