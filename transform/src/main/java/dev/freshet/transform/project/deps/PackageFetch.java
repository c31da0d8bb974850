package dev.freshet.transform.project.deps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Brings packages onto this machine: with the {@code git} and {@code tar} programs, and from the hub over HTTP. */
final class PackageFetch {

    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration CONNECT = Duration.ofSeconds(10);

    /**
     * A package, fetched.
     *
     * @param root the directory of its dbt_project.yml
     * @param pinned what the lock file says of it
     */
    record Fetched(Path root, List<String> pinned) {}

    private final Path scratch;
    private final URI hub;
    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    private int count;

    /**
     * @param scratch where archives and clones go
     * @param hub the hub's address, ending in a slash
     */
    PackageFetch(Path scratch, URI hub) {
        this.scratch = scratch;
        this.hub = hub;
    }

    /** @param from the directory of the file that asks for it */
    Fetched local(PackageRequest.Local request, Path from) {
        Path directory = from.resolve(request.path()).normalize();
        if (!Files.isDirectory(directory)) {
            throw request.position().mistake("the local package '" + request.path() + "' is not a directory");
        }
        return new Fetched(directory, List.of("local: " + request.path()));
    }

    Fetched git(PackageRequest.Git request) {
        Path clone = next();
        run(request, clone.getParent(), "git", "clone", "--quiet", request.url(), clone.toString());
        String revision = request.revision().orElse("HEAD");
        run(request, clone, "git", "-c", "advice.detachedHead=false", "checkout", "--quiet", revision, "--");
        String commit = run(request, clone, "git", "rev-parse", "HEAD").strip();
        Path root = request.subdirectory()
                .map(below -> clone.resolve(below).normalize())
                .orElse(clone);
        if (!root.startsWith(clone)) {
            throw request.position().mistake("the subdirectory of '" + request.title() + "' leaves the repository");
        }
        List<String> pinned = new ArrayList<>(List.of("git: " + request.title(), "revision: " + commit));
        request.subdirectory().ifPresent(below -> pinned.add("subdirectory: " + below));
        return new Fetched(root, pinned);
    }

    Fetched tarball(PackageRequest.Tarball request) {
        return new Fetched(
                archive(request, URI.create(request.url())),
                List.of("tarball: " + request.title(), "name: " + request.name()));
    }

    /** @param bounds those of all requests for the package */
    Fetched hub(PackageRequest.Hub request, List<String> bounds) {
        URI address = hub.resolve("api/v1/" + request.name() + ".json");
        JsonNode versions;
        try {
            versions = new ObjectMapper().readTree(text(request, address)).path("versions");
        } catch (IOException e) {
            throw failure(request, "the hub's answer is not JSON: " + e.getMessage(), e);
        }
        List<PackageVersion> known = new ArrayList<>();
        versions.fieldNames().forEachRemaining(name -> known.add(PackageVersion.of(name)));
        Optional<PackageVersion> chosen = known.stream()
                .filter(version ->
                        version.isRelease() || request.withPrereleases() || bounds.contains(version.toString()))
                .filter(version -> bounds.stream().allMatch(version::isWithin))
                .max(PackageVersion::compareTo);
        if (chosen.isEmpty()) {
            throw request.position()
                    .mistake("no version of '" + request.name() + "' is " + String.join(" and ", bounds)
                            + "; the hub has "
                            + String.join(
                                    ", ",
                                    known.stream()
                                            .sorted()
                                            .map(PackageVersion::toString)
                                            .toList()));
        }
        String download = versions.path(chosen.get().toString())
                .path("downloads")
                .path("tarball")
                .asText();
        return new Fetched(
                archive(request, hub.resolve(download)),
                List.of("package: " + request.name(), "version: " + chosen.get()));
    }

    private Path archive(PackageRequest request, URI address) {
        Path directory = next();
        Path file = directory.resolveSibling(directory.getFileName() + ".tar.gz");
        try {
            Files.createDirectories(directory);
            if ("file".equals(address.getScheme())) {
                Files.copy(Path.of(address), file);
            } else {
                Files.write(file, get(request, address));
            }
        } catch (IOException e) {
            throw failure(request, String.valueOf(e.getMessage()), e);
        }
        run(request, directory, "tar", "-xzf", file.toString());
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(Files::isDirectory).findFirst().orElseThrow(() -> request.position()
                    .mistake("the archive of '" + request.title() + "' has no directory in it"));
        } catch (IOException e) {
            throw failure(request, String.valueOf(e.getMessage()), e);
        }
    }

    private String text(PackageRequest request, URI address) {
        return new String(get(request, address), java.nio.charset.StandardCharsets.UTF_8);
    }

    private byte[] get(PackageRequest request, URI address) {
        try {
            HttpResponse<byte[]> response = client.send(
                    HttpRequest.newBuilder(address).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofByteArray());
            if (response.statusCode() == 200) {
                return response.body();
            }
            String remedy = response.statusCode() == 404 ? "; check its name" : "; try again later";
            throw failure(request, address.getHost() + " answers " + response.statusCode() + remedy, null);
        } catch (IOException e) {
            throw failure(
                    request,
                    "'" + address.getHost() + "' can't be reached (" + describe(e)
                            + "); use a 'git' or 'local' package, or copy it into dbt_packages yourself",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(request, "interrupted", e);
        }
    }

    private static String describe(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private String run(PackageRequest request, Path directory, String... command) {
        ProcessBuilder builder = new ProcessBuilder(Arrays.asList(command))
                .directory(directory.toFile())
                .redirectErrorStream(true);
        // A repository that asks for a password would wait for ever.
        builder.environment().put("GIT_TERMINAL_PROMPT", "0");
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String output =
                    new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw failure(request, "'" + command[0] + "' did not end in time", null);
            }
            if (process.exitValue() != 0) {
                throw failure(request, "'" + command[0] + "' says: " + withoutSecrets(request, output.strip()), null);
            }
            return output;
        } catch (IOException e) {
            throw failure(request, "the program '" + command[0] + "' can't be run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(request, "interrupted", e);
        }
    }

    private static String withoutSecrets(PackageRequest request, String output) {
        return request instanceof PackageRequest.Git git ? output.replace(git.url(), git.title()) : output;
    }

    private static FreshetException failure(
            PackageRequest request, String why, @org.jspecify.annotations.Nullable Throwable cause) {
        String message = request.position() + ": the package '" + request.title() + "' can't be fetched: " + why;
        return cause == null
                ? new FreshetException(ErrorKind.USER, message)
                : new FreshetException(ErrorKind.USER, message, cause);
    }

    private Path next() {
        count++;
        return scratch.resolve("package-" + count);
    }
}
