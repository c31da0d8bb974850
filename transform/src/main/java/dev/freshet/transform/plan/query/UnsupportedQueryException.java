package dev.freshet.transform.plan.query;

/** A query has a part that no rule is known for. The message completes the sentence "recompute: the model ...". */
public final class UnsupportedQueryException extends Exception {

    private static final long serialVersionUID = 1;

    public UnsupportedQueryException(String message) {
        super(message);
    }
}
