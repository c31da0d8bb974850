package dev.freshet.state;

/** The number of a staged batch of one source. Numbers only grow and are never used twice, not even for a batch that was lost half-way. */
public record BatchId(String source, long number) {

    public BatchId next() {
        return new BatchId(source, number + 1);
    }

    @Override
    public String toString() {
        return source + "#" + number;
    }
}
