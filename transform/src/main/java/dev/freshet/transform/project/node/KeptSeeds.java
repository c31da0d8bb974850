package dev.freshet.transform.project.node;

import dev.freshet.transform.project.render.SeedSql;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Seeds that the service keeps: it delivers their rows to their table, and anew when their file changed. */
public final class KeptSeeds {

    private KeptSeeds() {}

    /** These routes, and those of the seeds that something maintained reads and that the project does not leave to dbt. */
    public static Map<String, Model.Route> withThoseRead(
            Map<String, Model.Route> routes, Map<String, ParsedNode> nodes, Map<String, List<String>> parents) {
        Map<String, Model.Route> all = new HashMap<>(routes);
        routes.forEach((id, route) -> {
            if (route == Model.Route.MAINTAINED) {
                addRead(id, nodes, parents, all);
            }
        });
        return all;
    }

    private static void addRead(
            String id,
            Map<String, ParsedNode> nodes,
            Map<String, List<String>> parents,
            Map<String, Model.Route> routes) {
        for (String parent : parents.getOrDefault(id, List.of())) {
            ParsedNode node = nodes.get(parent);
            if (node != null && node.isEphemeral()) {
                addRead(parent, nodes, parents, routes);
            } else if (node != null
                    && node.type() == ResourceType.SEED
                    && node.freshet()
                            .setting("maintain")
                            .map(Boolean::parseBoolean)
                            .orElse(true)) {
                routes.put(parent, Model.Route.MAINTAINED);
            }
        }
    }

    /** @param root the directory of the package that it belongs to */
    public static String query(ParsedNode seed, Path root) {
        String separator = seed.config().text("delimiter").orElse(",");
        Map<String, String> types = new LinkedHashMap<>();
        if (seed.config().values().get("column_types") instanceof Map<?, ?> written) {
            written.forEach((column, type) -> types.put(String.valueOf(column), String.valueOf(type)));
        }
        // dbt writes the names bare unless told to quote them.
        boolean folds = !seed.config().flag("quote_columns", false, seed.configured())
                && seed.output().type().equals("postgres");
        UnaryOperator<String> naming = folds ? name -> name.toLowerCase(Locale.ROOT) : name -> name;
        return SeedSql.query(
                root.resolve(seed.source().originalFile()),
                separator.isEmpty() ? ',' : separator.charAt(0),
                types,
                naming);
    }
}
