package dev.freshet.deploy.observe;

import dev.freshet.state.TableId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Everything a person wants to know of a running pipeline at one moment, in the graph's order. Holds names, numbers and reasons, never row values.
 *
 * @param problem why the cycle can't go on, if it can't
 * @param cut the number of the newest cut
 */
public record StatusReport(
        String pipeline,
        String version,
        Instant at,
        Instant startedAt,
        State state,
        Optional<String> problem,
        long cut,
        Staging staging,
        List<Source> sources,
        List<Model> models,
        List<Target> targets,
        List<Test> tests) {

    public StatusReport {
        sources = List.copyOf(sources);
        models = List.copyOf(models);
        targets = List.copyOf(targets);
        tests = List.copyOf(tests);
    }

    /** The same, at another moment and in another state. */
    public StatusReport in(State other, Instant moment) {
        return new StatusReport(
                pipeline, version, moment, startedAt, other, problem, cut, staging, sources, models, targets, tests);
    }

    /** What a pipeline does. */
    public enum State {
        STARTING,
        RUNNING,
        /** A person paused the cycle; capture goes on. */
        PAUSED,
        /** The cycle fails and is tried again. */
        FAILING,
        RELOADING,
        STOPPING,
        STOPPED
    }

    /**
     * @param stateBytes the size of the state store beside it
     * @param keptFor captured snapshots that do not come on, for which it keeps every change
     */
    public record Staging(long files, long bytes, long rows, long stateBytes, List<TableId> keptFor) {}

    /**
     * @param lag from the source's commit to staging
     * @param maintainedLag from the source's commit to the cut
     * @param slotLagBytes -1 if unknown
     * @param walStatus in the source's own word, empty if unknown
     * @param safeWalBytes how much more log may be written before the source gives up what it keeps, -1 if unknown or without a limit
     */
    public record Source(
            String name,
            String type,
            boolean connected,
            List<String> problems,
            Activity.Flow flow,
            Duration lag,
            Duration maintainedLag,
            long slotLagBytes,
            String walStatus,
            long safeWalBytes,
            int waitingBatches,
            List<Table> tables) {}

    /**
     * @param loading its load is not complete: what reads it waits
     * @param poison rows that models are computed without, since one of their values can't be held
     */
    public record Table(TableId table, boolean loading, long poison, Activity.Flow flow) {}

    /** What a model does. */
    public enum ModelState {
        FRESH,
        /** It reads a table whose load is not complete, and keeps its last state. */
        LOADING,
        /** All of its rows are computed beside the live changes, since its text or that of a model it reads is new; it keeps its last state meanwhile. */
        RESTATING,
        /** Its own SQL failed. */
        FAILED,
        /** A person paused it. */
        PAUSED,
        /** One that it reads failed or is paused, or it waits for something else that its reason names. */
        HELD,
        /** It is computed but can't be delivered. */
        UNDELIVERED,
        /** The service does not keep it: {@code freshet run} builds it. */
        UNMAINTAINED
    }

    /**
     * @param parents source tables and models that it reads, ephemeral ones looked through
     * @param reason why it is not fresh, empty when it is
     * @param since when it ceased to be fresh, as far as this service has seen
     * @param quarantined rows that its target could not hold, since the service started
     * @param ran when one that runs on its own target began last and went well
     */
    public record Model(
            String name,
            TableId relation,
            String materialization,
            String plan,
            String planReason,
            List<TableId> parents,
            ModelState state,
            Optional<String> reason,
            Optional<Instant> since,
            Activity.Flow flow,
            long quarantined,
            Optional<Instant> ran) {}

    /** @param lag from the source's commit to the target's */
    public record Target(
            String name,
            String type,
            String state,
            Optional<String> problem,
            long deliveredCut,
            Activity.Flow flow,
            Duration lag) {}

    /**
     * A data test.
     *
     * @param mode monitor or gate
     * @param state pass, warn, fail, error (it can't be run) or waiting (what it reads is not there)
     * @param since when it came to this state
     * @param holds the outputs that are held while it fails; empty for one that is only watched
     */
    public record Test(
            String name,
            String mode,
            String state,
            long failures,
            Optional<String> message,
            Optional<Instant> since,
            Optional<Instant> judgedAt,
            List<TableId> reads,
            List<String> holds) {}
}
