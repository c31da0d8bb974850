package dev.freshet.transform.engine;

import dev.freshet.state.FreshetException;
import dev.freshet.transform.jinja.JinjaException;
import dev.freshet.transform.project.node.Node;
import dev.freshet.transform.project.render.StatementFailure;

/** What is said of a node that failed, in dbt's form: the kind of error, the node, its file, and the reason. */
final class Failures {

    private Failures() {}

    static String message(Node node, RuntimeException e) {
        String kind = "Runtime";
        if (e instanceof StatementFailure) {
            kind = "Database";
        } else if (e instanceof JinjaException) {
            kind = "Compilation";
        }
        String reason = e instanceof FreshetException
                ? String.valueOf(e.getMessage())
                : "this is a defect of Freshet: " + e + "; run again with --debug for the details and report it";
        return kind + " Error in " + node.type().id() + " " + node.name() + " (" + node.file() + ")\n  "
                + reason.replace("\n", "\n  ");
    }
}
