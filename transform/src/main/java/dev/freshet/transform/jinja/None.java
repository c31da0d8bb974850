package dev.freshet.transform.jinja;

/** Python's None. Hosts may hand in a Java null instead; they always receive this. */
public final class None {

    public static final None NONE = new None();

    private None() {}

    @Override
    public String toString() {
        return "None";
    }
}
