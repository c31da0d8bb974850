package dev.freshet.deploy.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Traffic that picks one of several kinds of transaction by weight, from one seed. */
abstract class WeightedTraffic implements DemoWorkload.Traffic {

    /** Runs the statements of one transaction, without committing; returns how many rows they changed. */
    @FunctionalInterface
    interface Kind {
        int run(Connection connection) throws SQLException;
    }

    private record Weighted(int upTo, Kind kind) {}

    final DemoIds ids;
    final SplittableRandom random;
    private final List<Weighted> kinds = new ArrayList<>();
    private int total;

    WeightedTraffic(DemoIds ids, long seed) {
        this.ids = ids;
        this.random = new SplittableRandom(seed);
    }

    final List<Kind> kinds() {
        return kinds.stream().map(Weighted::kind).toList();
    }

    final void add(int weight, Kind kind) {
        total += weight;
        kinds.add(new Weighted(total, kind));
    }

    @Override
    public final int commitOne(Connection connection) throws SQLException {
        int pick = random.nextInt(total);
        for (Weighted weighted : kinds) {
            if (pick < weighted.upTo()) {
                int rows = weighted.kind().run(connection);
                connection.commit();
                return rows;
            }
        }
        throw new IllegalStateException("weights end below " + total);
    }

    final boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    final String oneOf(String... words) {
        return words[random.nextInt(words.length)];
    }

    /** Runs one statement; returns its row count. */
    static int update(Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            return statement.executeUpdate();
        }
    }
}
