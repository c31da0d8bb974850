package dev.freshet.transform.project.selection;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;

/** What is selected: terms and how they combine. Immutable. */
public sealed interface Selection {

    /** All enabled nodes. */
    record Everything() implements Selection {}

    /** A term that nodes are matched with. */
    record Term(Criterion criterion) implements Selection {}

    record Union(List<Selection> parts) implements Selection {
        public Union {
            parts = List.copyOf(parts);
        }
    }

    /** @param parts at least one */
    record Intersection(List<Selection> parts) implements Selection {
        public Intersection {
            parts = List.copyOf(parts);
        }
    }

    record Difference(Selection from, Selection without) implements Selection {}

    /**
     * The command line's {@code --select} and {@code --exclude}: a space is a union, a comma an intersection.
     *
     * @param select empty for all
     * @throws FreshetException USER when a term can't be understood
     */
    static Selection parse(List<String> select, List<String> exclude) {
        Selection chosen = select.isEmpty() ? new Everything() : union(select);
        return exclude.isEmpty() ? chosen : new Difference(chosen, union(exclude));
    }

    private static Selection union(List<String> arguments) {
        List<Selection> parts = new ArrayList<>();
        for (String argument : arguments) {
            for (String group : tokens(argument, " \t\n")) {
                List<Selection> terms = new ArrayList<>();
                tokens(group, ",").forEach(term -> terms.add(new Term(Criterion.parse(term))));
                if (terms.isEmpty()) {
                    throw new FreshetException(ErrorKind.USER, "'" + group + "' is not a selector");
                }
                parts.add(terms.size() == 1 ? terms.get(0) : new Intersection(terms));
            }
        }
        return new Union(parts);
    }

    private static List<String> tokens(String text, String separators) {
        List<String> tokens = new ArrayList<>();
        StringTokenizer tokenizer = new StringTokenizer(text, separators);
        while (tokenizer.hasMoreTokens()) {
            tokens.add(tokenizer.nextToken());
        }
        return tokens;
    }

    /** The terms in it, in the order they are written. */
    default List<Criterion> terms() {
        List<Criterion> terms = new ArrayList<>();
        if (this instanceof Term term) {
            terms.add(term.criterion());
        } else if (this instanceof Union union) {
            union.parts().forEach(part -> terms.addAll(part.terms()));
        } else if (this instanceof Intersection intersection) {
            intersection.parts().forEach(part -> terms.addAll(part.terms()));
        } else if (this instanceof Difference difference) {
            terms.addAll(difference.from().terms());
            terms.addAll(difference.without().terms());
        }
        return terms;
    }
}
