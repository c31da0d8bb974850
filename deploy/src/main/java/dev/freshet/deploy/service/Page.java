package dev.freshet.deploy.service;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/** The page and what belongs to it, from the class path, held in memory. */
final class Page {

    private static final Map<String, Api.Answer> FILES = Map.of();

    private Page() {}

    static Map<String, Api.Answer> files() {
        return FILES;
    }

    static byte[] resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the distribution lacks '" + name + "'");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
