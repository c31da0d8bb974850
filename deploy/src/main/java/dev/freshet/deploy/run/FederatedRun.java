package dev.freshet.deploy.run;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.observe.PoisonText;
import dev.freshet.deploy.pipeline.Pipeline;
import dev.freshet.deploy.pipeline.PipelinePlan;
import dev.freshet.ingest.TableReader;
import dev.freshet.publisher.PublishedModel;
import dev.freshet.publisher.Receipt;
import dev.freshet.publisher.Target;
import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateStore;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableScan;
import dev.freshet.state.TableSchema;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Federated models over an extract: what they need of the source tables is copied, each source in one snapshot, into a state store that lives as long as the
 * run.
 */
final class FederatedRun implements AutoCloseable {

    private final Project project;
    private final Opened opened;
    private final Map<String, Target> targets = new HashMap<>();
    private final Map<String, Model> byId = new HashMap<>();
    private final Set<String> computed = new HashSet<>();
    private final StateStore state;
    private final Clock clock;

    private FederatedRun(Project project, Opened opened, StateStore state, Clock clock) {
        this.project = project;
        this.opened = opened;
        this.state = state;
        this.clock = clock;
        project.models().forEach(model -> byId.put(model.uniqueId(), model));
    }

    static FederatedRun open(
            Project project,
            ServiceSettings settings,
            Pipeline.Parts parts,
            Ownership owner,
            Clock clock,
            List<Model> nodes,
            Consumer<String> progress) {
        Path directory =
                settings.scratch().resolve("run-" + ProcessHandle.current().pid());
        ServiceSettings local = settings.in(directory);
        delete(directory);
        Opened opened = new Opened();
        opened.add(() -> delete(directory));
        try {
            Files.createDirectories(local.stateFile().getParent());
            Files.createDirectories(local.stagingDirectory());
            StateStore state = parts.state(local);
            opened.add(state::close);
            FederatedRun run = new FederatedRun(project, opened, state, clock);
            run.extract(parts, local, nodes, progress);
            for (Model node : nodes) {
                String name = node.relation().connection();
                Connection connection = PipelinePlan.connection(project, name);
                if (node.route() == Model.Route.MAINTAINED && !run.targets.containsKey(name)) {
                    Target target = parts.target(connection).create(connection, owner);
                    opened.add(target::close);
                    run.targets.put(name, target);
                }
            }
            return run;
        } catch (IOException e) {
            opened.closeAfter(e);
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + directory + "' can't be written: " + e.getMessage() + "; free space there",
                    e);
        } catch (RuntimeException | Error e) {
            opened.closeAfter(e);
            throw e;
        }
    }

    private void extract(Pipeline.Parts parts, ServiceSettings local, List<Model> nodes, Consumer<String> progress) {
        List<Model> models = withAncestors(nodes);
        PipelinePlan plan = PipelinePlan.of(project, models);
        Map<String, TableReader> readers = new LinkedHashMap<>();
        try (Opened reading = new Opened()) {
            Map<TableId, TableSchema> schemas = new LinkedHashMap<>();
            for (Map.Entry<String, List<TableId>> source : plan.sources().entrySet()) {
                Connection connection = PipelinePlan.connection(project, source.getKey());
                TableReader reader = parts.source(connection).reader(connection);
                reading.add(reader::close);
                readers.put(source.getKey(), reader);
                Map<TableId, TableSchema> described =
                        reader.describe(source.getValue(), plan.declaredTypes(project, source.getKey()));
                source.getValue().forEach(table -> schemas.put(table, described.get(table)));
            }
            Extract extract = new Extract(state, parts, local, project.pipeline(), clock);
            for (TableScan scan : state.scans(schemas, texts(models))) {
                long rows = extract.take(readers.get(scan.table().connection()), scan, schemas.get(scan.table()));
                progress.accept(String.format(
                        Locale.ROOT,
                        "Read %,d rows of %s.%s from '%s'",
                        rows,
                        scan.table().schema(),
                        scan.table().name(),
                        scan.table().connection()));
            }
            state.poisonRows().forEach(poison -> progress.accept("[WARNING]: " + PoisonText.of(poison)));
        }
    }

    private static Map<TableId, String> texts(List<Model> models) {
        Map<TableId, String> texts = new LinkedHashMap<>();
        models.stream()
                .filter(model -> model.route() == Model.Route.MAINTAINED)
                .filter(model -> model.materialization() != Model.Materialization.EPHEMERAL)
                .forEach(model -> texts.put(model.relation(), model.sql()));
        return texts;
    }

    private List<Model> withAncestors(List<Model> nodes) {
        Set<String> wanted = new HashSet<>();
        nodes.stream()
                .filter(node -> node.route() == Model.Route.MAINTAINED)
                .forEach(node -> addWithParents(node, wanted));
        return project.models().stream()
                .filter(model -> wanted.contains(model.uniqueId()))
                .toList();
    }

    private void addWithParents(Model model, Set<String> wanted) {
        if (wanted.add(model.uniqueId())) {
            model.dependsOn().stream()
                    .map(byId::get)
                    .filter(parent -> parent != null)
                    .forEach(parent -> addWithParents(parent, wanted));
        }
    }

    /** Computes a model, after whatever it reads, and delivers it. */
    String run(Model model) {
        Set<String> before = Set.copyOf(computed);
        try (StateTransaction transaction = state.begin()) {
            compute(model, transaction);
            var unused = transaction.commit(Map.of(), clock.instant());
        } catch (RuntimeException e) {
            // What the transaction computed is gone with it.
            computed.retainAll(before);
            throw e;
        }
        Target target = targets.get(model.relation().connection());
        try (StateSnapshot snapshot = state.read()) {
            Receipt receipt =
                    target.publish(snapshot, List.of(new PublishedModel(model.relation(), model.uniqueKey())));
            long rows = snapshot.output(model.relation())
                    .map(output -> output.rows())
                    .orElse(0L);
            Receipt.TableReceipt table = receipt.tables().get(0);
            return String.format(Locale.ROOT, "%,d rows: -%,d +%,d", rows, table.deleted(), table.inserted());
        }
    }

    private void compute(Model model, StateTransaction transaction) {
        if (!computed.add(model.uniqueId())) {
            return;
        }
        for (String parent : model.dependsOn()) {
            Model input = byId.get(parent);
            if (input != null && input.route() == Model.Route.MAINTAINED) {
                compute(input, transaction);
            }
        }
        if (model.materialization() != Model.Materialization.EPHEMERAL) {
            TableDelta unused = transaction.recompute(model.relation(), model.sql(), model.uniqueKey());
        }
    }

    @Override
    public void close() {
        opened.close();
    }

    private static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(java.util.Comparator.reverseOrder()).forEach(path -> {
                boolean unused = path.toFile().delete();
            });
        } catch (IOException ignored) {
            // what stays in the scratch directory is removed at the next start
        }
    }
}
