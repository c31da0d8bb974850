package dev.freshet.transform.project.problem;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Finds what a person probably meant to type. */
public final class NearestName {

    private NearestName() {}

    /** {@code "; did you mean 'orders'?"}, or nothing when no known name is near. */
    public static String hint(String written, Collection<String> known) {
        return find(written, known)
                .map(name -> "; did you mean '" + name + "'?")
                .orElse("");
    }

    /** The hint, and then all there is to choose from: {@code "; did you mean 'a'? its outputs are: 'a', 'b'"}. */
    public static String choices(String written, String label, Collection<String> known) {
        String hint = hint(written, known);
        String names = known.stream().sorted().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
        return (hint.isEmpty() ? "; " : hint + " ") + label + (names.isEmpty() ? " none" : ": " + names);
    }

    /** The known name with the fewest typing mistakes between (at most a third of its letters), else the only one that contains it. */
    public static Optional<String> find(String written, Collection<String> known) {
        String wanted = written.toLowerCase(Locale.ROOT);
        Optional<String> best = Optional.empty();
        int bestDistance = Integer.MAX_VALUE;
        for (String name : new TreeSet<>(known)) {
            int allowed = Math.max(1, Math.max(wanted.length(), name.length()) / 3);
            int distance = distance(wanted, name.toLowerCase(Locale.ROOT));
            if (distance <= allowed && distance < bestDistance) {
                bestDistance = distance;
                best = Optional.of(name);
            }
        }
        return best.isPresent() || wanted.length() < 4 ? best : onlyOneContaining(wanted, known);
    }

    private static Optional<String> onlyOneContaining(String wanted, Collection<String> known) {
        Optional<String> found = Optional.empty();
        for (String name : new TreeSet<>(known)) {
            if (name.toLowerCase(Locale.ROOT).contains(wanted)) {
                if (found.isPresent()) {
                    return Optional.empty();
                }
                found = Optional.of(name);
            }
        }
        return found;
    }

    /** Optimal string alignment: insertions, deletions, exchanges and swaps of neighbours. */
    private static int distance(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int exchange = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                cost[i][j] = Math.min(exchange, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[a.length()][b.length()];
    }
}
