package dev.freshet.transform.plan.query;

import dev.freshet.transform.plan.query.JoinTree.One;
import dev.freshet.transform.plan.query.Query.Block;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The ways to cut the rows that a block groups. */
final class RowParts {

    private RowParts() {}

    /** Those that restrict most leaves first, and among these those by a column that tells single rows of a table apart. */
    static List<Partitioning> of(Block block) {
        List<Partitioning> found = new ArrayList<>();
        Optional<Block> at = Optional.of(block);
        while (at.isPresent()) {
            found.addAll(Partitioning.ofRows(at.get()));
            at = only(at.get());
        }
        found.sort(Comparator.comparingInt((Partitioning parts) -> -parts.restrictedLeaves())
                .thenComparing(parts -> !parts.isOfSingleRows()));
        return found;
    }

    /** The block that alone gives this one its rows, one for one. */
    private static Optional<Block> only(Block block) {
        return block.from().isPresent()
                        && block.from().get() instanceof One one
                        && one.source().query().isPresent()
                        && one.source().query().get() instanceof Block inner
                        && !inner.aggregated()
                        && inner.windows().isEmpty()
                        && !inner.distinct()
                        && !inner.unnests()
                        && inner.distinctOn().isEmpty()
                        && !inner.limited()
                        && SyntaxTree.isAbsent(inner.node(), "qualify")
                ? Optional.of(inner)
                : Optional.empty();
    }
}
