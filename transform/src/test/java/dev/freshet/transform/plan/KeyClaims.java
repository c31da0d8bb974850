package dev.freshet.transform.plan;

import dev.freshet.state.Column;
import dev.freshet.state.RowCursor;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.StateNames;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.transform.plan.query.ParsedQuery;
import dev.freshet.transform.plan.query.UniqueRows;
import dev.freshet.transform.plan.query.UnsupportedQueryException;
import dev.freshet.transform.project.node.Model;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What is said of the columns that no two rows of a model share, beside the rows that it has. */
final class KeyClaims {

    private KeyClaims() {}

    /**
     * The columns, alone and by two, that a model's text is said to be unique by, the least of them.
     *
     * @param inputs the tables that the text reads
     */
    static List<List<String>> of(StateTransaction transaction, Model model, Set<TableId> inputs) {
        RowMaintenance state = transaction.rowMaintenance().orElseThrow();
        Map<TableId, TableSchema> tables = new HashMap<>();
        inputs.forEach(input -> tables.put(input, state.schema(input).orElseThrow()));
        ParsedQuery parsed;
        try {
            parsed = ParsedQuery.of(state, state.functions(), model.sql(), tables);
        } catch (UnsupportedQueryException e) {
            return List.of();
        }
        List<String> columns = state.schema(model.relation()).orElseThrow().columns().stream()
                .map(Column::name)
                .toList();
        List<List<String>> claims = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (String column : columns) {
            if (UniqueRows.by(parsed, List.of(column))) {
                claims.add(List.of(column));
            } else {
                others.add(column);
            }
        }
        for (int i = 0; i < others.size(); i++) {
            for (String second : others.subList(i + 1, others.size())) {
                if (UniqueRows.by(parsed, List.of(others.get(i), second))) {
                    claims.add(List.of(others.get(i), second));
                }
            }
        }
        return claims;
    }

    /** Those of them that two stored rows contradict. */
    static List<List<String>> broken(StateTransaction transaction, TableId model, List<List<String>> claims) {
        return claims.stream()
                .filter(columns -> {
                    String names = columns.stream().map(StateNames::quote).collect(Collectors.joining(", "));
                    try (RowCursor shared = transaction.query("SELECT 1 FROM " + StateNames.relation(model)
                            + " GROUP BY " + names + " HAVING count(*) > 1")) {
                        return shared.next();
                    }
                })
                .toList();
    }
}
