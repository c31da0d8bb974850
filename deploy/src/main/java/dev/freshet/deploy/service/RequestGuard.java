package dev.freshet.deploy.service;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Who may ask. On a loopback address: whoever is on this machine, but no web page of someone else in their browser. So the {@code Host} must name
 * this machine (a name that was made to point here does not), and a request that changes something must come from our own page, from no
 * page at all, or with the token. On any other address looking is free, and changing something needs the token.
 *
 * @param loopback whether the service listens on a loopback address
 * @param host as configured
 */
record RequestGuard(boolean loopback, String host, String token) {

    private static final String BEARER = "Bearer ";
    private static final Set<String> LOCAL = Set.of("localhost", "127.0.0.1", "[::1]");

    /** The parts of a request that matter here; absent headers are empty. */
    record Request(
            boolean changes, String host, String origin, String fetchSite, String contentType, String authorization) {}

    /** @return why the request is refused; empty when it may go on */
    Optional<String> refusal(Request request) {
        if (loopback && !isLocal(request.host())) {
            return Optional.of("the Host header names '" + request.host()
                    + "', and this service listens on this machine's own address only: use http://localhost");
        }
        boolean named = request.authorization().startsWith(BEARER);
        if (named && !hasToken(request.authorization())) {
            return Optional.of("the token is not this service's: it is in the project's .freshet/service.json");
        }
        if (!request.changes() || named) {
            return Optional.empty();
        }
        if (!loopback) {
            return Optional.of(
                    "changing something needs 'Authorization: Bearer' with the token in .freshet/service.json");
        }
        if (!request.origin().isEmpty() && !request.origin().equals("http://" + request.host())) {
            return Optional.of("the request comes from a page of '" + request.origin() + "'");
        }
        if (!request.fetchSite().isEmpty()
                && !request.fetchSite().equals("same-origin")
                && !request.fetchSite().equals("none")) {
            return Optional.of("the request comes from a page of another site");
        }
        // A form or an image of another page can't send this without asking first, which is never granted.
        if (!request.contentType().toLowerCase(Locale.ROOT).startsWith("application/json")) {
            return Optional.of("the Content-Type must be application/json");
        }
        return Optional.empty();
    }

    private boolean isLocal(String header) {
        int colon = header.lastIndexOf(':');
        String name = colon > header.lastIndexOf(']') ? header.substring(0, colon) : header;
        return LOCAL.contains(name.toLowerCase(Locale.ROOT)) || name.equalsIgnoreCase(host);
    }

    private boolean hasToken(String authorization) {
        return MessageDigest.isEqual(
                authorization.getBytes(StandardCharsets.UTF_8), (BEARER + token).getBytes(StandardCharsets.UTF_8));
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "RequestGuard[loopback=" + loopback + ", host=" + host + "]";
    }
}
