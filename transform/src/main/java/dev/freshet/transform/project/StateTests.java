package dev.freshet.transform.project;

import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import dev.freshet.transform.project.config.NodeConfig;
import dev.freshet.transform.project.execute.NodeCompiler;
import dev.freshet.transform.project.node.DataTest;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.ParsedNode;
import dev.freshet.transform.project.node.ResourceType;
import dev.freshet.transform.project.node.SourceNode;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.problem.Problems;
import dev.freshet.transform.project.render.Engine;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/** Finds the data tests that the service can judge by itself, and compiles them for the state store. */
final class StateTests {

    private static final Set<String> MODES = Set.of("off", "monitor", "gate");

    private final Assembly.Graph graph;
    private final NodeCompiler compiler;
    private final Problems problems;
    private final Consumer<String> warnings;
    /** The tables of the state store by unique id: maintained models, and what they read of others. */
    private final Map<String, TableId> tables = new HashMap<>();

    StateTests(
            Assembly.Graph graph,
            Map<String, SourceNode> sources,
            NodeCompiler compiler,
            Problems problems,
            Consumer<String> warnings) {
        this.graph = graph;
        this.compiler = compiler;
        this.problems = problems;
        this.warnings = warnings;
        graph.nodes().forEach((id, node) -> {
            if (graph.routes().get(id) == Model.Route.MAINTAINED && !node.isEphemeral()) {
                tables.put(id, node.relation());
                reads(id).forEach(read -> {
                    SourceNode source = sources.get(read);
                    ParsedNode other = graph.nodes().get(read);
                    if (source != null) {
                        tables.put(read, source.table().table());
                    } else if (other != null && !other.isModel()) {
                        tables.put(read, other.relation());
                    }
                });
            }
        });
    }

    /** Those among these nodes. One that can't be compiled for the state store is warned about, unless it is a gate. */
    List<DataTest> among(Collection<String> uniqueIds) {
        List<DataTest> tests = new ArrayList<>();
        for (String id : uniqueIds) {
            ParsedNode node = graph.nodes().get(id);
            if (node != null && node.type() == ResourceType.TEST) {
                problems.attempt(() -> read(node).ifPresent(tests::add));
            }
        }
        return tests;
    }

    private Optional<DataTest> read(ParsedNode node) {
        Optional<DataTest.Mode> mode = mode(node);
        Set<String> reads = reads(node.uniqueId());
        boolean isGate = mode.equals(Optional.of(DataTest.Mode.GATE));
        if (mode.equals(Optional.of(DataTest.Mode.OFF))) {
            return Optional.empty();
        }
        if (reads.isEmpty() || !tables.keySet().containsAll(reads)) {
            if (isGate) {
                throw node.configured()
                        .mistake(node.source().title()
                                + " can't be a gate: it reads something that the service neither keeps nor captures");
            }
            return Optional.empty();
        }
        try {
            return Optional.of(test(node, mode, reads, compiler.compile(node, Engine.STATE_STORE)));
        } catch (FreshetException e) {
            if (isGate) {
                throw e;
            }
            warnings.accept(node.configured() + ": the service can't judge this test: " + e.getMessage());
            return Optional.empty();
        }
    }

    private DataTest test(ParsedNode node, Optional<DataTest.Mode> mode, Set<String> reads, String sql) {
        NodeConfig config = node.config();
        Set<TableId> inputs = new LinkedHashSet<>();
        reads.forEach(id -> inputs.add(tables.get(id)));
        return new DataTest(
                node.uniqueId(),
                node.source().name(),
                node.source().file(),
                mode,
                inputs,
                guarded(reads),
                sql,
                new DataTest.Terms(
                        config.text("severity").orElse("error").equalsIgnoreCase("error"),
                        config.text("fail_calc").orElse("count(*)"),
                        config.text("warn_if").orElse("!= 0"),
                        config.text("error_if").orElse("!= 0"),
                        limit(node)));
    }

    private static OptionalLong limit(ParsedNode node) {
        Optional<String> written = node.config().text("limit");
        try {
            return written.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(written.get()));
        } catch (NumberFormatException e) {
            throw node.configured()
                    .mistake("'limit' of " + node.source().title() + " must be a whole number, not '" + written.get()
                            + "'");
        }
    }

    private static Optional<DataTest.Mode> mode(ParsedNode node) {
        Optional<String> written = node.freshet().setting("mode");
        if (written.isPresent() && !MODES.contains(written.get())) {
            throw node.configured()
                    .mistake("'meta.freshet.mode' of " + node.source().title() + " can't be '" + written.get() + "'"
                            + NearestName.choices(written.get(), "the known ones are", MODES));
        }
        return written.map(text -> DataTest.Mode.valueOf(text.toUpperCase(Locale.ROOT)));
    }

    /** Wrong rows of a source reach every target that shows something made of them. */
    private List<TableId> guarded(Set<String> reads) {
        Set<String> vouched = new LinkedHashSet<>();
        for (String id : reads) {
            if (graph.nodes().containsKey(id)
                    && graph.isKeptAsModel(graph.nodes().get(id))) {
                vouched.add(id);
            } else {
                vouched.addAll(madeFrom(id));
            }
        }
        return vouched.stream()
                .map(tables::get)
                .filter(table -> table != null)
                .sorted()
                .toList();
    }

    private Set<String> madeFrom(String id) {
        Set<String> reached = new HashSet<>(Set.of(id));
        boolean grew = true;
        while (grew) {
            grew = false;
            for (Map.Entry<String, Model.Route> model : graph.routes().entrySet()) {
                if (model.getValue() == Model.Route.MAINTAINED
                        && graph.parents().getOrDefault(model.getKey(), List.of()).stream()
                                .anyMatch(reached::contains)
                        && reached.add(model.getKey())) {
                    grew = true;
                }
            }
        }
        reached.remove(id);
        return reached;
    }

    private Set<String> reads(String id) {
        Set<String> reads = new LinkedHashSet<>();
        for (String parent : graph.parents().getOrDefault(id, List.of())) {
            ParsedNode node = graph.nodes().get(parent);
            if (node != null && node.isEphemeral()) {
                reads.addAll(reads(parent));
            } else {
                reads.add(parent);
            }
        }
        return reads;
    }
}
