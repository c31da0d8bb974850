package dev.freshet.transform.plan.query;

import dev.freshet.state.DataType;
import dev.freshet.state.StateNames;
import dev.freshet.transform.plan.query.Query.Block;
import java.util.Optional;

/** A column of a FROM clause's source. */
public record ScopeColumn(Source source, int index) {

    public String name() {
        return source.names().get(index);
    }

    /** With the name of its source, as SQL. */
    String spelled() {
        return StateNames.quote(source.alias()) + "." + StateNames.quote(name());
    }

    /** The type of the table's column that every value of this one is copied from, if it is only copied. */
    public Optional<DataType> type() {
        if (source.leaf().isPresent()) {
            return Optional.of(source.leaf().get().schema().columns().get(index).type());
        }
        return source.query().flatMap(query -> query.type(index));
    }

    /** The name of the table's column that every value of this one is copied from; empty where it is computed, or put together from several. */
    Optional<String> copied() {
        if (source.leaf().isPresent()) {
            return Optional.of(source.leaf().get().schema().columns().get(index).name());
        }
        return source.query()
                .flatMap(query ->
                        query instanceof Block block ? block.items().get(index).column() : Optional.empty())
                .flatMap(ScopeColumn::copied);
    }
}
