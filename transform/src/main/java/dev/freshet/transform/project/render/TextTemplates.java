package dev.freshet.transform.project.render;

import dev.freshet.transform.project.config.Variables;
import dev.freshet.transform.project.yaml.TextRenderer;
import java.time.Instant;
import java.util.Map;

/** Renders files that are read before there is a project: packages.yml. */
public final class TextTemplates {

    private TextTemplates() {}

    /** @param vars {@code --vars} */
    public static TextRenderer of(Map<String, String> environment, Map<String, Object> vars) {
        return ModelRenderer.yaml(new Invocation(
                "",
                "",
                Map.of("", new Variables(vars)),
                Map.of(),
                environment,
                Instant.EPOCH,
                "",
                "deps",
                false,
                CommandFlags.NONE));
    }
}
