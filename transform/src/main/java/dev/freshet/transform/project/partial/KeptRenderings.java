package dev.freshet.transform.project.partial;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The renderings of the last parse, each under a fingerprint of everything that it was given, with what it read besides. One whose reads all mean
 * the same as then is as good as rendered again. Used by one thread, for one load of a project.
 */
public final class KeptRenderings {

    /** In the target directory. */
    public static final String FILE = "partial_parse.freshet";

    private static final Logger LOG = LoggerFactory.getLogger(KeptRenderings.class);

    /**
     * @param value plain
     * @param reads what it depends on besides its key
     */
    record Kept(@Nullable Object value, List<Read> reads) {}

    /**
     * What a rendering gave.
     *
     * @param value plain
     */
    public record Result(@Nullable Object value) {}

    private final @Nullable Path file;
    private final Supplier<String> circumstances;
    private Function<Read, String> meaning = read -> "";
    private final Map<Read, String> meant = new HashMap<>();
    private final Map<Read, String> means = new HashMap<>();
    /** By identity: thousands of renderings share a few lists of reads. */
    private final Map<List<Read>, Boolean> verdicts = new IdentityHashMap<>();

    private final Map<String, Kept> before = new HashMap<>();
    private final Map<String, Kept> now = new LinkedHashMap<>();
    private boolean isRead;
    private String current = "";
    private boolean isChanged;
    private final List<String> rendered = new ArrayList<>();

    private KeptRenderings(@Nullable Path file, Supplier<String> circumstances) {
        this.file = file;
        this.circumstances = circumstances;
    }

    /** Nothing is kept, everything is rendered. */
    public static KeptRenderings none() {
        return new KeptRenderings(null, () -> "");
    }

    /**
     * Those of the last parse with the same target directory, if it had the same circumstances.
     *
     * @param circumstances a fingerprint of what holds for all renderings: profile, packages' search order
     */
    public static KeptRenderings in(Path targetDirectory, Supplier<String> circumstances) {
        return new KeptRenderings(targetDirectory.resolve(FILE), circumstances);
    }

    /** Whether anything is kept at all. */
    public boolean isOn() {
        return file != null;
    }

    /** @param meaning a fingerprint of what a read stands for in this load, empty when that can't be compared */
    public void judge(Function<Read, String> meaning) {
        this.meaning = meaning;
    }

    /** What the rendering with this key gave last time, if it gives the same now. */
    public Optional<Result> find(String key) {
        read();
        Kept kept = before.get(key);
        if (kept == null || !verdicts.computeIfAbsent(kept.reads(), this::allMeanTheSame)) {
            return Optional.empty();
        }
        now.put(key, kept);
        return Optional.of(new Result(kept.value()));
    }

    private boolean allMeanTheSame(List<Read> reads) {
        return reads.stream().allMatch(this::meansTheSame);
    }

    private boolean meansTheSame(Read read) {
        String meaning = meaningOf(read);
        return !meaning.isEmpty() && meaning.equals(meant.get(read));
    }

    private String meaningOf(Read read) {
        return means.computeIfAbsent(read, meaning);
    }

    /** A rendering was done. @param what the place of its text, or whose name it is */
    public void add(String what) {
        rendered.add(what);
    }

    /** What was rendered and not found. */
    public List<String> rendered() {
        return List.copyOf(rendered);
    }

    /** Keeps a result for the next parse, unless it is not plain. */
    public void keep(String key, @Nullable Object value, Set<Read> reads) {
        if (file != null && ValueWriter.isPlain(value)) {
            now.put(key, new Kept(value, List.copyOf(reads)));
            isChanged = true;
        }
    }

    private void read() {
        if (isRead || file == null) {
            return;
        }
        isRead = true;
        try {
            current = circumstances.get() + Program.fingerprint();
            KeptFile.read(file, current).ifPresent(content -> {
                meant.putAll(content.meanings());
                before.putAll(content.kept());
            });
        } catch (IOException | RuntimeException e) {
            LOG.debug("'{}' can't be read, everything is parsed", file, e);
        }
    }

    /** Writes what was found and kept in this load for the next one. What can't be written costs the next parse time, and nothing else. */
    public void write() {
        if (file == null || !isRead || current.isEmpty() || (!isChanged && now.size() == before.size())) {
            return;
        }
        LOG.debug("{} renderings, {} are kept for the next parse", rendered.size(), now.size());
        Map<Read, String> meanings = new LinkedHashMap<>();
        Set<Read> reads = new LinkedHashSet<>();
        now.values().forEach(kept -> reads.addAll(kept.reads()));
        reads.forEach(read -> meanings.put(read, meaningOf(read)));
        try {
            KeptFile.write(file, current, new KeptFile.Content(meanings, now));
        } catch (IOException e) {
            LOG.debug("'{}' can't be written, the next parse is a full one", file, e);
        }
    }
}
