package dev.freshet.transform.jinja;

/**
 * Told of every name that templates look up outside of themselves, found or not. Together with the rendering's context, what these names stand
 * for decides what a template gives.
 */
public interface NameListener {

    /** Hears nothing. */
    NameListener NONE = new NameListener() {
        @Override
        public void name(String name) {}

        @Override
        public void macro(String packageName, String name) {}
    };

    /** A name without a package: a macro's, a package's, or one of the context or of Jinja itself. */
    void name(String name);

    /** A macro of a package, by {@link MacroDefinition#uniqueName}. */
    void macro(String packageName, String name);
}
