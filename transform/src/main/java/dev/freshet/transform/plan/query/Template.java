package dev.freshet.transform.plan.query;

import dev.freshet.state.StateNames;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text of a query with a gap for each {@link Leaf}. */
public final class Template {

    static final String MARKER = "__freshet_leaf_";
    private static final Pattern GAP = Pattern.compile(MARKER + "(\\d+)__");

    static final Template NOTHING = new Template("", List.of());

    private final String text;
    private final List<Leaf> leaves;

    /** @param text names each leaf by its marker */
    Template(String text, List<Leaf> leaves) {
        this.text = text;
        this.leaves = List.copyOf(leaves);
    }

    /** With the same gaps in another text. */
    Template with(UnaryOperator<String> change) {
        return new Template(change.apply(text), leaves);
    }

    /** The leaves that this text reads. */
    public List<Leaf> leaves() {
        List<Leaf> used = new ArrayList<>();
        Matcher gaps = GAP.matcher(text);
        while (gaps.find()) {
            used.add(leaves.get(Integer.parseInt(gaps.group(1))));
        }
        return used;
    }

    /** The query over the tables themselves. */
    public String text() {
        return text(leaf -> StateNames.relation(leaf.table()));
    }

    /** @param relation what to read in the place of a leaf: a table's quoted name or a query in parentheses */
    public String text(Function<Leaf, String> relation) {
        return GAP.matcher(text)
                .replaceAll(
                        gap -> Matcher.quoteReplacement(relation.apply(leaves.get(Integer.parseInt(gap.group(1))))));
    }
}
