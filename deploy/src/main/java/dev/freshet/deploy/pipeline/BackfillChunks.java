package dev.freshet.deploy.pipeline;

import dev.freshet.state.Accumulation;
import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.RowCursor;
import dev.freshet.state.RowPart;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateStore;
import dev.freshet.state.StoredOutput;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.parse.CommaSeparated;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Cuts what a backfill asks for into pieces of a bounded size, and refuses what can't be computed. */
final class BackfillChunks {

    private static final int KEYS = 1_000;
    /** A period is cut into days, and into fewer and longer pieces when it has more: each piece may cost as much as all of them. */
    private static final int MOST_PERIODS = 32;

    private static final Duration SHORTEST = Duration.ofDays(1);
    private static final Set<DataType> TIMES =
            Set.of(DataType.Simple.DATE, DataType.Simple.TIMESTAMP, DataType.Simple.TIMESTAMPTZ);

    private final StateStore state;

    BackfillChunks(StateStore state) {
        this.state = state;
    }

    List<Optional<RowPart>> of(Backfill.Request request) {
        Model model = request.model();
        if (model.snapshot().isPresent()) {
            throw refused(model, "is a snapshot: what its rows were can't be computed again");
        }
        try (StateSnapshot snapshot = state.read()) {
            StoredOutput output = snapshot.output(model.relation())
                    .orElseThrow(
                            () -> refused(model, "has no rows yet: wait until it is computed, see 'freshet status'"));
            if (request.rows() instanceof Backfill.Rows.Keys keys) {
                return keys(model, keys.keys(), output, snapshot);
            }
            if (request.rows() instanceof Backfill.Rows.Period period) {
                return periods(model, period, output);
            }
            if (model.keepsHistory()) {
                throw refused(
                        model,
                        "keeps history: say which rows with --event-time-start and --event-time-end or with --keys,"
                                + " or begin all of it anew with 'freshet serve --full-refresh'");
            }
            return List.of(Optional.empty());
        }
    }

    private static List<Optional<RowPart>> keys(
            Model model, List<List<String>> keys, StoredOutput output, StateSnapshot snapshot) {
        List<Column> columns = model.history().map(Accumulation::key).orElse(model.uniqueKey()).stream()
                .map(name -> column(model, name, output))
                .toList();
        if (columns.isEmpty()) {
            throw refused(model, "has no unique_key that --keys could be values of");
        }
        List<List<String>> values =
                keys.stream().map(key -> values(key, columns)).distinct().toList();
        for (int i = 0; i < columns.size(); i++) {
            requireReadable(values, i, columns.get(i), snapshot);
        }
        List<String> names = columns.stream().map(Column::name).toList();
        List<Optional<RowPart>> chunks = new ArrayList<>();
        for (int from = 0; from < values.size(); from += KEYS) {
            chunks.add(
                    Optional.of(new RowPart.Values(names, values.subList(from, Math.min(from + KEYS, values.size())))));
        }
        return chunks;
    }

    /** One for each column. */
    private static List<String> values(List<String> key, List<Column> columns) {
        List<String> values = columns.size() > 1 && key.size() == 1 ? CommaSeparated.values(key.get(0)) : key;
        if (values.size() != columns.size()) {
            String names = columns.stream().map(Column::name).collect(Collectors.joining(","));
            throw new FreshetException(
                    ErrorKind.USER,
                    "--keys has '" + String.join(",", key) + "', which is " + values.size()
                            + (values.size() == 1 ? " value" : " values") + " for unique_key (" + names + ")"
                            + (columns.size() == 1
                                    ? ""
                                    : ": write commas between the values, and double quotes around one that has a comma itself"));
        }
        return values;
    }

    private static void requireReadable(List<List<String>> keys, int number, Column column, StateSnapshot snapshot) {
        for (List<String> key : keys) {
            String value = key.get(number);
            try (RowCursor answer = snapshot.query("SELECT TRY_CAST('" + value.replace("'", "''") + "' AS "
                    + column.type().sql() + ") IS NULL")) {
                if (answer.next() && Boolean.TRUE.equals(answer.value(0))) {
                    throw new FreshetException(
                            ErrorKind.USER,
                            "--keys has '" + value + "', which is no "
                                    + column.type().sql() + " as the key column \"" + column.name() + "\" is");
                }
            }
        }
    }

    private static List<Optional<RowPart>> periods(Model model, Backfill.Rows.Period period, StoredOutput output) {
        if (!period.from().isBefore(period.to())) {
            throw new FreshetException(ErrorKind.USER, "the period ends before it starts: exchange start and end");
        }
        Column column = column(model, period.eventTime(), output);
        if (!TIMES.contains(column.type())) {
            throw refused(
                    model,
                    "has an event_time, \"" + column.name() + "\", of type "
                            + column.type().sql() + ", which is no time");
        }
        Duration all = Duration.between(period.from(), period.to());
        Duration even = all.dividedBy(MOST_PERIODS).plusMillis(1);
        Duration step = even.compareTo(SHORTEST) > 0 ? even : SHORTEST;
        List<Optional<RowPart>> chunks = new ArrayList<>();
        for (Instant from = period.from(); from.isBefore(period.to()); from = from.plus(step)) {
            Instant to = from.plus(step).isBefore(period.to()) ? from.plus(step) : period.to();
            chunks.add(Optional.of(new RowPart.Period(column.name(), from, to)));
        }
        return chunks;
    }

    private static Column column(Model model, String name, StoredOutput output) {
        return output.schema().columns().stream()
                .filter(column -> column.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> refused(model, "has no column \"" + name + "\" in its result"));
    }

    private static FreshetException refused(Model model, String why) {
        return new FreshetException(ErrorKind.USER, "model '" + model.name() + "' " + why);
    }
}
