package dev.freshet.transform.project.partial;

/**
 * Something that a rendering looked at besides its own text: if none of a rendering's reads means something else now, it gives the same again.
 *
 * @param scope where the name was looked up: a package, an output, a kind of template
 */
public record Read(Kind kind, String scope, String name) {

    /** What was looked at. */
    public enum Kind {
        /** A name without a package; the scope says whose search order applies. */
        NAME,
        /** A macro of a package, which is the scope. */
        MACRO,
        /** A variable, in a package. */
        VARIABLE,
        /** An environment variable. */
        ENVIRONMENT,
        /** A plain value of the context, of an output. */
        CONTEXT
    }
}
