package dev.freshet.transform.engine;

import dev.freshet.state.ModelFailedException;
import dev.freshet.transform.project.Model;

/** Runs pushdown models on their own target, one node and its transaction at a time, as dbt does. Used by one thread. */
public interface PushdownEngine extends AutoCloseable {

    /**
     * Builds the model's table or view anew and exchanges it for the old one.
     *
     * @return what the database said about the last statement, {@code SELECT 42} for example
     * @throws ModelFailedException with the database's message; the old relation is as before
     */
    String run(Model model);

    @Override
    void close();
}
