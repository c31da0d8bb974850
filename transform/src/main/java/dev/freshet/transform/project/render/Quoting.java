package dev.freshet.transform.project.render;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code quoting:}: which parts of a relation's name are written in quotes. Names in the state store are ours and always quoted.
 *
 * @param parts what was said; a part that nobody speaks of is quoted
 */
public record Quoting(Map<String, Boolean> parts) {

    /** The parts of a name that can be told. */
    public static final Set<String> PARTS = Set.of("database", "schema", "identifier");

    /** Nothing was said: everything is quoted. */
    public static final Quoting ALL = new Quoting(Map.of());

    public Quoting {
        parts = Map.copyOf(parts);
    }

    /** This with what is said nearer to the relation; whatever is no dictionary of truths says nothing. */
    public Quoting with(@Nullable Object nearer) {
        if (!(nearer instanceof Map<?, ?> said)) {
            return this;
        }
        Map<String, Boolean> merged = new java.util.HashMap<>(parts);
        said.forEach((part, value) -> {
            if (PARTS.contains(String.valueOf(part)) && value instanceof Boolean isQuoted) {
                merged.put(String.valueOf(part), isQuoted);
            }
        });
        return new Quoting(merged);
    }

    /** A relation of the project, written as it is said. */
    public Relation applied(Relation relation) {
        if (parts.isEmpty() || relation.style().inStateStore()) {
            return relation;
        }
        Map<Relation.Part, Boolean> quoted = new EnumMap<>(relation.quoted());
        for (Relation.Part part : Relation.Part.values()) {
            Boolean said = parts.get(part.name().toLowerCase(Locale.ROOT));
            if (said != null) {
                quoted.put(part, said);
            }
        }
        return new Relation(
                relation.connection(),
                relation.database(),
                relation.schema(),
                relation.identifier(),
                relation.kind(),
                relation.style(),
                relation.included(),
                quoted,
                relation.excerpt());
    }
}
