package dev.freshet.deploy.run;

import dev.freshet.transform.project.Model;

/** Hears of each node of a run, in order, on the run's thread. */
public interface RunListener {

    void started(int number, int total, Model model);

    void ended(int number, int total, Model model, NodeResult result);

    /** Something that takes a while and is no node of its own. */
    void progress(String message);
}
