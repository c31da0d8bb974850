package dev.freshet.transform.plan.query;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.transform.plan.query.Query.Block;
import java.util.List;
import java.util.Optional;

/** A FROM clause. */
public sealed interface JoinTree {

    /** Its sources from left to right; those of a semi or anti join's right side are not seen outside. */
    List<Source> visible();

    /** The table that alone gives its rows, one for one at most. */
    default Optional<Leaf> onlyTable() {
        return Optional.empty();
    }

    record One(Source source) implements JoinTree {
        @Override
        public List<Source> visible() {
            return List.of(source);
        }

        @Override
        public Optional<Leaf> onlyTable() {
            return source.leaf().or(() -> source.query()
                    .flatMap(
                            query -> query instanceof Block block && block.isLinear() ? block.from() : Optional.empty())
                    .flatMap(JoinTree::onlyTable));
        }
    }

    /** How rows of two sides meet. */
    enum Kind {
        INNER,
        LEFT,
        RIGHT,
        FULL,
        SEMI,
        ANTI
    }

    /**
     * @param kind a cross join is an INNER one without condition; an ASOF join is a LEFT one
     * @param equalities those parts of the condition that hold for every pair that meets
     * @param subqueries whether the condition has a subquery in it
     */
    record Join(
            Kind kind, JoinTree left, JoinTree right, List<Equality> equalities, boolean subqueries, ObjectNode node)
            implements JoinTree {

        public Join {
            equalities = List.copyOf(equalities);
        }

        /** Whether a row meets only the nearest one of those that it could meet. */
        boolean isAsOf() {
            return node.path("ref_type").asText().equals("ASOF");
        }

        @Override
        public List<Source> visible() {
            if (kind == Kind.SEMI || kind == Kind.ANTI) {
                return left.visible();
            }
            return java.util.stream.Stream.concat(left.visible().stream(), right.visible().stream())
                    .toList();
        }
    }
}
