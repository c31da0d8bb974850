package dev.freshet.deploy.verdict;

import dev.freshet.transform.project.node.DataTest;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * The verdicts of gates as the state store remembers them, one value in the transaction of the cut that they are about: whoever reads a cut reads what
 * was found of it.
 */
final class GateMemory {

    static final String KEY = "gates";

    private static final int FIELDS = 8;

    /**
     * @param fingerprint of the test as it was judged
     * @param since when, and at which cut, it came to this state
     * @param missed something it reads changed, and it was not judged again
     */
    record Entry(String fingerprint, Verdict verdict, Instant since, long sinceCut, boolean missed) {}

    private final Map<String, Entry> entries = new TreeMap<>();

    /** What was remembered; a line of another version counts as nothing. */
    static GateMemory of(String text) {
        GateMemory memory = new GateMemory();
        text.lines().forEach(line -> {
            List<String> fields = Arrays.stream(line.split(" ", -1))
                    .map(field -> URLDecoder.decode(field, StandardCharsets.UTF_8))
                    .toList();
            if (fields.size() == FIELDS) {
                memory.entries.put(
                        fields.get(0),
                        new Entry(
                                fields.get(1),
                                new Verdict(
                                        Verdict.State.valueOf(fields.get(2)),
                                        Long.parseLong(fields.get(3)),
                                        fields.get(4)),
                                Instant.parse(fields.get(5)),
                                Long.parseLong(fields.get(6)),
                                Boolean.parseBoolean(fields.get(7))));
            }
        });
        return memory;
    }

    String text() {
        List<String> lines = new ArrayList<>();
        entries.forEach((id, entry) -> lines.add(line(
                id,
                entry.fingerprint(),
                entry.verdict().state().name(),
                Long.toString(entry.verdict().failures()),
                entry.verdict().message(),
                entry.since().toString(),
                Long.toString(entry.sinceCut()),
                Boolean.toString(entry.missed()))));
        return String.join("\n", lines);
    }

    private static String line(String... fields) {
        return String.join(
                " ",
                Arrays.stream(fields)
                        .map(field -> URLEncoder.encode(field, StandardCharsets.UTF_8))
                        .toList());
    }

    /** What was found of the test as it is written now. */
    Optional<Entry> of(DataTest test) {
        return Optional.ofNullable(entries.get(test.uniqueId()))
                .filter(entry -> entry.fingerprint().equals(fingerprint(test)));
    }

    void put(DataTest test, Verdict verdict, Instant now, long cut, boolean missed) {
        Optional<Entry> before = of(test).filter(entry -> entry.verdict().state() == verdict.state());
        entries.put(
                test.uniqueId(),
                new Entry(
                        fingerprint(test),
                        verdict,
                        before.map(Entry::since).orElse(now),
                        before.map(Entry::sinceCut).orElse(cut),
                        missed));
    }

    void forget(DataTest test) {
        entries.remove(test.uniqueId());
    }

    void forgetAllBut(Collection<DataTest> tests) {
        Predicate<String> isGone =
                id -> tests.stream().noneMatch(test -> test.uniqueId().equals(id));
        entries.keySet().removeIf(isGone);
    }

    private static String fingerprint(DataTest test) {
        String all = test.terms().isError() + " " + test.verdictQuery();
        return UUID.nameUUIDFromBytes(all.getBytes(StandardCharsets.UTF_8)).toString();
    }
}
