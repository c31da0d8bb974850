package dev.freshet.ingest.iceberg;

/** A rewrite was made pointless by staging while it was being prepared. */
final class OutdatedPlanException extends RuntimeException {

    private static final long serialVersionUID = 1;

    OutdatedPlanException() {
        super("staging changed the table meanwhile", null, false, false);
    }
}
