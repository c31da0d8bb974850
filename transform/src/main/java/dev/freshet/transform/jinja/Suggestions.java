package dev.freshet.transform.jinja;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** The nearest valid name to a misspelt one. */
final class Suggestions {

    private Suggestions() {}

    /** {@code "; did you mean 'x'?"}, or nothing when no name is near. */
    static String among(String wanted, Collection<String> names) {
        return nearest(wanted, names)
                .map(name -> "; did you mean '" + name + "'?")
                .orElse("");
    }

    static Optional<String> nearest(String wanted, Collection<String> names) {
        int limit = Math.max(1, wanted.length() / 3);
        String lower = wanted.toLowerCase(Locale.ROOT);
        record Candidate(String name, int distance) {}
        return names.stream()
                .filter(name -> !name.equals(wanted) && Math.abs(name.length() - wanted.length()) <= limit)
                .map(name -> new Candidate(name, distance(lower, name.toLowerCase(Locale.ROOT))))
                .filter(candidate -> candidate.distance() <= limit)
                .min(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
                .map(Candidate::name);
    }

    /** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
    private static int distance(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int replace = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                cost[i][j] = Math.min(replace, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[a.length()][b.length()];
    }
}
