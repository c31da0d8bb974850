package dev.freshet.transform.project.render;

import dev.freshet.transform.project.problem.Position;
import java.util.List;
import java.util.Optional;

/**
 * A call of {@code ref} or {@code source}.
 *
 * @param names {@code [model]} or {@code [package, model]} of a ref, {@code [source, table]} of a source
 * @param version of a ref to one version of a model
 * @param position the calling line
 */
public record Reference(Kind kind, List<String> names, Optional<String> version, Position position) {

    public Reference {
        names = List.copyOf(names);
    }

    /** Which function was called. */
    public enum Kind {
        REF,
        SOURCE
    }

    /** The same reference wherever it is written. */
    public boolean isSameAs(Reference other) {
        return kind == other.kind && names.equals(other.names) && version.equals(other.version);
    }

    /** The model's or the table's own name. */
    public String name() {
        return names.get(names.size() - 1);
    }

    /** {@code ref('orders')}, as it is written. */
    @Override
    public String toString() {
        return (kind == Kind.REF ? "ref" : "source") + "('" + String.join("', '", names) + "'"
                + version.map(number -> ", v=" + number).orElse("") + ")";
    }
}
