package dev.freshet.transform.plan;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The model queries of {@code corpus/*.sql}. Each begins with a line {@code -- name: …}; a line {@code -- undetermined: a, b} names columns for which SQL
 * permits several values, or {@code rows} where it permits several results.
 */
final class Corpus {

    static final String ROWS = "rows";

    /**
     * @param undetermined columns that may differ from one run to the next, {@link #ROWS} for everything
     * @param reads the tables and queries that it names
     */
    record Text(String name, String sql, List<String> undetermined, List<String> reads) {}

    private static final Pattern HEAD = Pattern.compile("(?m)^-- name: (\\w+)\\n(?:-- undetermined: ([^\\n]*)\\n)?");
    private static final Pattern REFERENCE = Pattern.compile("\\{\\{ *ref\\('(\\w+)'\\) *}}");

    private Corpus() {}

    static List<Text> read() throws IOException, URISyntaxException {
        Path directory = Path.of(
                Objects.requireNonNull(Corpus.class.getResource("corpus")).toURI());
        List<Text> texts = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".sql"))
                    .sorted()
                    .toList()) {
                texts.addAll(parse(Files.readString(file)));
            }
        }
        return texts;
    }

    private static List<Text> parse(String file) {
        List<Text> texts = new ArrayList<>();
        Matcher head = HEAD.matcher(file);
        boolean found = head.find();
        while (found) {
            String name = head.group(1);
            List<String> undetermined = Optional.ofNullable(head.group(2))
                    .map(columns -> List.of(columns.trim().split(" *, *", -1)))
                    .orElse(List.of());
            int from = head.end();
            found = head.find();
            String sql = file.substring(from, found ? head.start() : file.length());
            texts.add(new Text(
                    name,
                    sql,
                    undetermined,
                    REFERENCE
                            .matcher(sql)
                            .results()
                            .map(reference -> reference.group(1))
                            .distinct()
                            .toList()));
        }
        return texts;
    }

    /** The text with its references replaced. */
    static String rendered(Text text, Function<String, String> relation) {
        return REFERENCE
                .matcher(text.sql())
                .replaceAll(reference -> Matcher.quoteReplacement(relation.apply(reference.group(1))));
    }
}
