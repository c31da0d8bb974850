package dev.freshet.transform.project.render;

/** What {@code ref} and {@code source} answer during one rendering. */
@FunctionalInterface
public interface References {

    /** @throws dev.freshet.state.FreshetException USER without a position when the reference can't be resolved */
    Relation resolve(Reference reference);
}
