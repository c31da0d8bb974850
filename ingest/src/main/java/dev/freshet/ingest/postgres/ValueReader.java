package dev.freshet.ingest.postgres;

/** Makes the canonical value of a column (see {@link dev.freshet.state.DataType}) of PostgreSQL's text form. */
@FunctionalInterface
interface ValueReader {

    /** @throws UnfitValueException when the type on our side can't hold the value */
    Object read(String text);
}
