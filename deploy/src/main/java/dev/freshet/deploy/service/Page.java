package dev.freshet.deploy.service;

import java.util.Map;

/** The page and what belongs to it, from the class path, held in memory. */
final class Page {

    private static final Map<String, Api.Answer> FILES = Map.of(
            "/", file("index.html", "text/html; charset=utf-8"),
            "/theme.css", file("theme.css", "text/css; charset=utf-8"),
            "/page.css", file("page.css", "text/css; charset=utf-8"),
            "/page.js", file("page.js", "text/javascript; charset=utf-8"),
            "/graph.js", file("graph.js", "text/javascript; charset=utf-8"),
            "/layout.js", file("layout.js", "text/javascript; charset=utf-8"),
            "/icon.svg", file("icon.svg", "image/svg+xml"));

    private Page() {}

    static Map<String, Api.Answer> files() {
        return FILES;
    }

    private static Api.Answer file(String name, String contentType) {
        return new Api.Answer(200, contentType, WebFiles.bytes(name));
    }
}
