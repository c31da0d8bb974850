package dev.freshet.transform.project.execute;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.project.database.StatementComment;
import dev.freshet.transform.project.render.LiveRendering;
import dev.freshet.transform.project.yaml.YamlMapping;
import dev.freshet.transform.project.yaml.YamlNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code query-comment}: what stands beside each statement. Without one it is dbt's, which names the node as JSON; an empty one is none.
 *
 * @param template of the comment
 */
record QueryComment(String template, boolean isAppended) {

    private static final String KEY = "query-comment";
    private static final String DEFAULT =
            "{%- set said = {'app': 'dbt', 'dbt_version': dbt_version, 'profile_name': target.get('profile_name'), 'target_name': target.get('target_name')} -%}"
                    + "{%- if node is not none -%}{%- do said.update(node_id=node.unique_id) -%}"
                    + "{%- else -%}{%- do said.update(connection_name=connection_name) -%}{%- endif -%}"
                    + "{{ tojson(said) }}";

    static QueryComment of(YamlMapping project) {
        if (!project.entries().containsKey(KEY)) {
            return new QueryComment(DEFAULT, false);
        }
        YamlNode written = project.get(KEY).orElse(null);
        if (written instanceof YamlMapping mapping) {
            boolean isAppended = mapping.get("append")
                    .map(YamlNode::value)
                    .filter(Boolean.TRUE::equals)
                    .isPresent();
            String text = mapping.entries().containsKey("comment")
                    ? mapping.text("comment").orElse("")
                    : DEFAULT;
            return new QueryComment(text, isAppended);
        }
        return new QueryComment(
                written == null || written.value() == null ? "" : String.valueOf(written.value()), false);
    }

    /**
     * @param node the manifest's entry of what runs; null for hooks and schemas
     * @param name of what runs
     * @throws FreshetException USER when it would end the comment
     */
    StatementComment rendered(
            LiveRendering rendering, @Nullable Map<String, ? extends @Nullable Object> node, String name) {
        if (template.isBlank()) {
            return StatementComment.NONE;
        }
        String text = rendering
                .with("node", node == null ? None.NONE : node)
                .with("connection_name", name)
                .render(template)
                .strip();
        if (text.contains("*/")) {
            throw new FreshetException(
                    ErrorKind.USER, "query comment contains illegal value \"*/\": take it out of '" + KEY + "'");
        }
        return new StatementComment(text, isAppended);
    }
}
