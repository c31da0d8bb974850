package dev.freshet.deploy.live;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.state.TableId;
import dev.freshet.transform.engine.ProjectRun;
import dev.freshet.transform.engine.RunSettings;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.Node;
import dev.freshet.transform.project.node.ResourceType;
import dev.freshet.transform.project.node.SourceTable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the live nodes of a project: whatever has a table and is not kept by the state store. */
final class LiveProject {

    private final ParsedProject parsed;
    private final ServiceSettings settings;
    private final Map<String, Node> nodes = new HashMap<>();
    private final Map<String, TableId> sources = new HashMap<>();
    private final Map<String, String> texts = new HashMap<>();
    private final Set<String> kept = new HashSet<>();

    LiveProject(ParsedProject parsed, Project project, ServiceSettings settings) {
        this.parsed = parsed;
        this.settings = settings;
        parsed.nodes().forEach(node -> nodes.put(node.uniqueId(), node));
        for (SourceTable source : project.sources()) {
            sources.put(source.uniqueId(), source.table());
        }
        for (Model model : project.models()) {
            texts.put(model.uniqueId(), model.sql());
            if (model.route() == Model.Route.MAINTAINED) {
                kept.add(model.uniqueId());
            }
        }
    }

    /** Parents before children. */
    List<LiveNode> nodes(Clock clock) {
        Set<ResourceType> types = Set.of(ResourceType.MODEL, ResourceType.SNAPSHOT, ResourceType.SEED);
        List<LiveNode> found = new ArrayList<>();
        for (Node node : new ProjectRun(parsed, new RunSettings(1, false, false), model -> "", clock)
                .runnable(nodes.keySet(), types)) {
            if (isLive(node)) {
                found.add(live(node));
            }
        }
        return found;
    }

    /** The delivered tables that are to have more than their rows. */
    List<LiveNode> finished() {
        return parsed.nodes().stream()
                .filter(node -> kept.contains(node.uniqueId())
                        && node.relation().isPresent()
                        && parsed.execution().isFinished(node.uniqueId()))
                .map(this::live)
                .toList();
    }

    private boolean isLive(Node node) {
        return node.relation().isPresent()
                && !kept.contains(node.uniqueId())
                && parsed.route(node) != Model.Route.MAINTAINED;
    }

    private LiveNode live(Node node) {
        Set<TableId> inputs = new LinkedHashSet<>();
        Set<String> parents = new LinkedHashSet<>();
        collect(node, inputs, parents);
        return new LiveNode(
                node,
                parsed.output(node),
                node.relation().orElseThrow(),
                fingerprint(node),
                rest(node),
                List.copyOf(inputs),
                List.copyOf(parents));
    }

    private Duration rest(Node node) {
        if (node.type() == ResourceType.SEED || node.materialized().equals("view")) {
            return Duration.ZERO;
        }
        return node.type() == ResourceType.SNAPSHOT ? settings.snapshotInterval() : settings.pushdownInterval();
    }

    private void collect(Node node, Set<TableId> inputs, Set<String> parents) {
        for (String id : node.dependsOn()) {
            Node parent = nodes.get(id);
            if (parent == null) {
                if (sources.containsKey(id)) {
                    inputs.add(sources.get(id));
                }
            } else if (parent.relation().isEmpty()) {
                collect(parent, inputs, parents);
            } else {
                if (isLive(parent)) {
                    parents.add(id);
                }
                if (isLive(parent) && parent.materialized().equals("view")) {
                    collect(parent, inputs, parents);
                } else {
                    inputs.add(parent.relation().get());
                }
            }
        }
    }

    private String fingerprint(Node node) {
        Map<String, ?> document = parsed.manifest().node(node.uniqueId()).orElse(Map.of());
        String text = texts.getOrDefault(node.uniqueId(), String.valueOf(document.get("raw_code")));
        return hash(node.relation() + "\n" + node.materialized() + "\n" + node.config() + "\n"
                + document.get("checksum") + "\n" + text);
    }

    private static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
