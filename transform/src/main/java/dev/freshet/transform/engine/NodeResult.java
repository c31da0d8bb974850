package dev.freshet.transform.engine;

import dev.freshet.transform.engine.microbatch.BatchResults;
import dev.freshet.transform.project.node.Node;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How one node of a run ended.
 *
 * @param timing of {@code compile} and {@code execute}, as far as it came
 * @param seconds from its start to its end
 * @param response what the database said: {@code _message}, {@code code}, {@code rows_affected}
 * @param message for a person; empty when there is nothing to say
 * @param failures rows that fail a test
 * @param compiledCode the text that ran
 * @param batches of a microbatch model
 */
public record NodeResult(
        Node node,
        Status status,
        List<Timing> timing,
        String thread,
        double seconds,
        Map<String, Object> response,
        Optional<String> message,
        OptionalLong failures,
        Optional<String> compiledCode,
        Optional<BatchResults> batches) {

    /** dbt's words. */
    public enum Status {
        SUCCESS("success"),
        PARTIAL_SUCCESS("partial success"),
        ERROR("error"),
        FAIL("fail"),
        WARN("warn"),
        SKIPPED("skipped"),
        PASS("pass"),
        NO_OP("no-op");

        private final String word;

        Status(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }

        /** Whether the command fails by it. */
        public boolean isBad() {
            return this == ERROR || this == FAIL || this == PARTIAL_SUCCESS;
        }
    }

    /** A part of a node's run. */
    public record Timing(String name, Instant startedAt, Instant completedAt) {}

    public NodeResult {
        timing = List.copyOf(timing);
        response = Map.copyOf(response);
    }

    static NodeResult skipped(Node node, String thread) {
        return new NodeResult(
                node,
                Status.SKIPPED,
                List.of(),
                thread,
                0,
                Map.of(),
                Optional.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
