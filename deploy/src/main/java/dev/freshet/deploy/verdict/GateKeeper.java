package dev.freshet.deploy.verdict;

import dev.freshet.publisher.DeliveryGate;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.TableId;
import dev.freshet.transform.project.node.DataTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Objects to a cut at which a gate of one output fails, or of which it is not known whether it would. */
final class GateKeeper implements DeliveryGate {

    private static final int SHOWN = 3;

    private final String output;
    private final List<DataTest> gates;

    GateKeeper(String output, List<DataTest> gates) {
        this.output = output;
        this.gates = gates.stream()
                .filter(test -> test.heldOutputs().contains(output))
                .toList();
    }

    @Override
    public Optional<String> objection(StateSnapshot snapshot) {
        if (gates.isEmpty()) {
            return Optional.empty();
        }
        GateMemory memory = GateMemory.of(snapshot.recall(GateMemory.KEY));
        List<String> reasons = new ArrayList<>();
        for (DataTest gate : gates) {
            Optional<GateMemory.Entry> entry = memory.of(gate);
            if (entry.isEmpty()) {
                if (hasSomethingToShow(gate, snapshot)) {
                    reasons.add("gate test '" + gate.name() + "' could not be judged yet" + missing(gate, snapshot));
                }
            } else if (entry.get().verdict().state().holds()) {
                reasons.add(reason(gate, entry.get()));
            }
        }
        if (reasons.isEmpty()) {
            return Optional.empty();
        }
        int more = reasons.size() - SHOWN;
        return Optional.of(String.join("; ", reasons.subList(0, Math.min(SHOWN, reasons.size())))
                + (more > 0 ? "; and " + more + " more" : ""));
    }

    private static String reason(DataTest gate, GateMemory.Entry entry) {
        String since = " since cut " + entry.sinceCut() + " (" + entry.since() + ")";
        return entry.verdict().state() == Verdict.State.ERROR
                ? "gate test '" + gate.name() + "' can't be run" + since + ": "
                        + entry.verdict().message()
                : "gate test '" + gate.name() + "' fails" + since + ": "
                        + entry.verdict().message() + "; 'freshet status --test " + gate.name() + "' shows the rows";
    }

    private boolean hasSomethingToShow(DataTest gate, StateSnapshot snapshot) {
        return gate.guarded().stream()
                .filter(table -> table.connection().equals(output))
                .anyMatch(table -> snapshot.output(table).isPresent());
    }

    private static String missing(DataTest gate, StateSnapshot snapshot) {
        List<TableId> without = gate.guarded().stream()
                .filter(table -> gate.inputs().contains(table))
                .filter(table -> snapshot.output(table).isEmpty())
                .toList();
        return without.isEmpty() ? "" : ": '" + without.get(0) + "' has no rows yet";
    }
}
