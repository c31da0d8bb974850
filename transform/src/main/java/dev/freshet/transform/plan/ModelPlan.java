package dev.freshet.transform.plan;

import dev.freshet.transform.project.node.Model;

/** How one model is kept, with a reason that a person can read. */
public sealed interface ModelPlan {

    String DIFFERENTIATE = "differentiate";
    String RECOMPUTE = "recompute";

    Model model();

    String reason();

    /** The plan's name as {@code freshet plan} prints it. */
    String title();

    /** The whole result is computed in the state store and compared with the stored one. */
    record Recompute(Model model, String reason) implements ModelPlan {
        @Override
        public String title() {
            return RECOMPUTE;
        }
    }

    /** Only the rows that a cycle's changes affect are computed, while that is cheaper than all of them. */
    record Differentiate(Model model, String reason) implements ModelPlan {
        @Override
        public String title() {
            return DIFFERENTIATE;
        }
    }

    /** All rows are being computed beside the cycles, to replace the stored ones. */
    record Restate(Model model, String reason) implements ModelPlan {
        @Override
        public String title() {
            return "restating";
        }
    }

    /** The model's own SQL is run as dbt would run it, and what it gives is added to what is there. */
    record Accumulate(Model model, String reason) implements ModelPlan {
        @Override
        public String title() {
            return "accumulate";
        }
    }

    /** The SQL runs on the model's own target. */
    record Pushdown(Model model, String reason) implements ModelPlan {
        @Override
        public String title() {
            return "pushdown";
        }
    }
}
