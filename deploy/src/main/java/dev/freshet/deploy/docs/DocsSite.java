package dev.freshet.deploy.docs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.deploy.service.WebFiles;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.engine.ProjectCatalog;
import dev.freshet.transform.project.ParsedProject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;

/**
 * A project's documentation as one HTML file that holds everything it shows: it opens from a disk, a web server or a bucket alike. Nodes are found under the
 * same fragments as on dbt's pages, {@code #!/model/model.shop.orders}.
 */
public final class DocsSite {

    private static final ObjectMapper JSON = new ObjectMapper();

    private DocsSite() {}

    /**
     * Makes the page.
     *
     * @param compiled texts by unique id
     */
    public static String page(ParsedProject project, ProjectCatalog.Catalog catalog, Map<String, String> compiled) {
        String script = (WebFiles.text("layout.js") + resource("docs.js")).replace("export ", "");
        return filled(
                resource("docs.html"),
                Map.of(
                        "TITLE",
                        project.name(),
                        "ICON",
                        Base64.getEncoder()
                                .encodeToString(WebFiles.text("icon.svg").getBytes(StandardCharsets.UTF_8)),
                        "STYLE",
                        WebFiles.text("theme.css") + resource("docs.css"),
                        "SCRIPT",
                        script,
                        "SCRIPT_HASH",
                        "sha256-" + sha256(script),
                        "DATA",
                        json(new DocumentedProject(project, catalog, compiled).document())));
    }

    /**
     * Writes the page.
     *
     * @throws FreshetException USER when it can't be written
     */
    public static void write(Path file, String page) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, page);
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + file + "' can't be written: " + e.getMessage() + "; check the directory's rights",
                    e);
        }
    }

    /** In one pass: what is put in may look like a place itself. */
    private static String filled(String template, Map<String, String> values) {
        StringBuilder page = new StringBuilder();
        int at = 0;
        int open = template.indexOf("{{");
        while (open >= 0) {
            int close = template.indexOf("}}", open);
            page.append(template, at, open).append(values.get(template.substring(open + 2, close)));
            at = close + 2;
            open = template.indexOf("{{", at);
        }
        return page.append(template, at, template.length()).toString();
    }

    private static String json(Object document) {
        try {
            // Nothing in it may end the element that it stands in.
            return JSON.writeValueAsString(document).replace("<", "\\u003c");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the documentation holds what is no JSON", e);
        }
    }

    private static String sha256(String text) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String resource(String name) {
        try (InputStream in = DocsSite.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the distribution lacks '" + name + "'");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
