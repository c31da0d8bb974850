package dev.freshet.transform.project.deps;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.config.ProjectFile;
import dev.freshet.transform.project.render.TextTemplates;
import dev.freshet.transform.project.yaml.TextRenderer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Installs the packages of a project, and those that they ask for, under {@code dbt_packages}, and writes {@code package-lock.yml}. What was there
 * before is replaced only once everything is fetched.
 */
public final class PackageInstaller {

    private static final String HUB = "https://hub.getdbt.com/";
    private static final int MOST = 500;

    private record Waiting(PackageRequest request, Path from) {}

    private record Installed(String origin, PackageRequest request, PackageFetch.Fetched fetched) {}

    private final Path project;
    private final TextRenderer renderer;
    private final Consumer<String> lines;
    private final URI hub;

    /**
     * @param environment what {@code env_var} sees; {@code DBT_PACKAGE_HUB_URL} names another hub
     * @param vars {@code --vars}
     * @param lines told what is done
     */
    public PackageInstaller(
            Path project, Map<String, String> environment, Map<String, Object> vars, Consumer<String> lines) {
        this.project = project.toAbsolutePath().normalize();
        this.renderer = TextTemplates.of(environment, vars);
        this.lines = lines;
        String address = environment.getOrDefault("DBT_PACKAGE_HUB_URL", HUB);
        this.hub = URI.create(address.endsWith("/") ? address : address + "/");
    }

    /** What {@code deps} does. */
    public enum Mode {
        /** What the lock file says; without one, or when packages.yml changed since, as {@link #UPGRADE}. */
        INSTALL,
        /** The newest versions that fit, and a new lock file. */
        UPGRADE,
        /** Only the lock file. */
        LOCK
    }

    /**
     * @return the names of the packages that are installed, or locked
     * @throws FreshetException USER when one can't be fetched or two have one name
     */
    public List<String> install(Mode mode) {
        ProjectFile file = ProjectFile.read(project);
        List<PackageList.Entry> entries = PackageList.entries(project, "", renderer);
        Path target = project.resolve(file.packagesInstallPath());
        if (entries.isEmpty()) {
            lines.accept("Warning: No packages were found in packages.yml");
            return List.of();
        }
        Optional<List<PackageRequest>> locked =
                mode == Mode.INSTALL ? PackageLock.read(project, entries) : Optional.empty();
        List<PackageRequest> requests =
                locked.orElse(entries.stream().map(PackageList.Entry::request).toList());
        Path scratch = temporary();
        try {
            Map<String, Installed> installed =
                    fetch(requests, file.name(), new PackageFetch(scratch, hub), scratch, locked.isEmpty());
            if (locked.isEmpty()) {
                lock(installed, entries);
            }
            if (mode == Mode.LOCK) {
                return List.copyOf(installed.keySet());
            }
            delete(target);
            Files.createDirectories(target);
            for (Map.Entry<String, Installed> each : installed.entrySet()) {
                place(each.getValue(), target.resolve(each.getKey()));
            }
            return List.copyOf(installed.keySet());
        } catch (IOException e) {
            throw new FreshetException(ErrorKind.USER, "'" + target + "' can't be written: " + e.getMessage(), e);
        } finally {
            delete(scratch);
        }
    }

    private Map<String, Installed> fetch(
            List<PackageRequest> requests, String projectName, PackageFetch fetch, Path scratch, boolean withTheirs) {
        Deque<Waiting> waiting = new ArrayDeque<>();
        requests.forEach(request -> waiting.add(new Waiting(request, project)));
        Map<String, Installed> installed = new LinkedHashMap<>();
        Map<String, List<String>> bounds = new LinkedHashMap<>();
        int seen = 0;
        while (!waiting.isEmpty()) {
            Waiting next = waiting.remove();
            if (++seen > MOST) {
                throw next.request().position().mistake("the packages ask for more than " + MOST + " packages");
            }
            String origin = origin(next);
            boolean isKnown =
                    installed.values().stream().anyMatch(each -> each.origin().equals(origin));
            if (next.request() instanceof PackageRequest.Hub wanted) {
                List<String> all = bounds.computeIfAbsent(wanted.name(), name -> new ArrayList<>());
                isKnown = all.containsAll(wanted.versions()) && isKnown;
                all.addAll(wanted.versions());
            }
            if (isKnown) {
                continue;
            }
            lines.accept("Installing " + next.request().title());
            PackageFetch.Fetched fetched = fetched(next, fetch, bounds);
            add(installed, projectName, new Installed(origin, next.request(), fetched));
            String shown = fetched.root().startsWith(scratch)
                    ? next.request().title()
                    : fetched.root().toString();
            List<PackageRequest> theirs = withTheirs ? PackageList.read(fetched.root(), shown, renderer) : List.of();
            theirs.forEach(request -> waiting.add(new Waiting(request, fetched.root())));
        }
        return installed;
    }

    private static String origin(Waiting next) {
        return next.request() instanceof PackageRequest.Local local
                ? "local:" + next.from().resolve(local.path()).normalize()
                : next.request().origin();
    }

    private static PackageFetch.Fetched fetched(Waiting next, PackageFetch fetch, Map<String, List<String>> bounds) {
        PackageRequest request = next.request();
        if (request instanceof PackageRequest.Local local) {
            return fetch.local(local, next.from());
        }
        if (request instanceof PackageRequest.Git git) {
            return fetch.git(git);
        }
        if (request instanceof PackageRequest.Tarball tarball) {
            return fetch.tarball(tarball);
        }
        PackageRequest.Hub wanted = (PackageRequest.Hub) request;
        return fetch.hub(wanted, bounds.getOrDefault(wanted.name(), List.of()));
    }

    private static void add(Map<String, Installed> installed, String projectName, Installed each) {
        PackageRequest request = each.request();
        if (!Files.isRegularFile(each.fetched().root().resolve(ProjectFile.FILE))) {
            throw request.position()
                    .mistake("'" + request.title() + "' is not a dbt package: it has no " + ProjectFile.FILE);
        }
        String name = ProjectFile.read(each.fetched().root(), request.title()).name();
        Installed first = installed.get(name);
        if (name.equals(projectName) || first != null && !first.origin().equals(each.origin())) {
            throw request.position()
                    .mistake("'" + request.title() + "' is a second package named '" + name + "'"
                            + (first == null
                                    ? ", the project's own name"
                                    : " beside '" + first.request().title() + "'")
                            + "; keep one of the two");
        }
        installed.put(name, each);
    }

    /** A local package is linked, so that changes to it are seen; where links are not allowed it is copied. */
    private static void place(Installed each, Path destination) throws IOException {
        if (each.request() instanceof PackageRequest.Local) {
            try {
                Files.createSymbolicLink(destination, each.fetched().root());
                return;
            } catch (IOException | UnsupportedOperationException e) {
                Files.deleteIfExists(destination);
            }
        }
        copy(each.fetched().root(), destination);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> walk = Files.walk(from, FileVisitOption.FOLLOW_LINKS)) {
            for (Path path : walk.toList()) {
                Path relative = from.relativize(path);
                if (relative.startsWith(".git")) {
                    continue;
                }
                Path copy = to.resolve(relative.toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(path, copy);
                }
            }
        }
    }

    private void lock(Map<String, Installed> installed, List<PackageList.Entry> requests) throws IOException {
        List<List<String>> pinned = new ArrayList<>();
        installed.forEach((name, each) -> {
            List<String> lines = new ArrayList<>(each.fetched().pinned());
            if (each.request() instanceof PackageRequest.Local) {
                // A package's own path would be read from the project's directory the next time.
                Path root = each.fetched().root();
                lines.set(0, "local: " + project.relativize(root).toString().replace('\\', '/'));
            }
            if (!(each.request() instanceof PackageRequest.Tarball)) {
                lines.add("name: " + name);
            }
            pinned.add(lines);
        });
        PackageLock.write(project, pinned, requests);
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("freshet-deps");
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.USER, "no temporary directory can be made: " + e.getMessage() + "; set TMPDIR", e);
        }
    }

    /** Removes a directory with all that is in it; links are removed, not followed. */
    static void delete(Path directory) {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(directory)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new FreshetException(ErrorKind.USER, "'" + directory + "' can't be removed: " + e.getMessage(), e);
        }
    }
}
