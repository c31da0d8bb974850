package dev.freshet.deploy.service;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Shows a project's documentation: the page that {@code docs generate} wrote, and the artifacts beside it. Nothing else of the directory is reachable. Two
 * threads answer; files are read anew each time, so that a page made meanwhile is seen.
 */
public final class DocsServer implements AutoCloseable {

    private static final String PAGE = "index.html";
    private static final Map<String, String> SERVED = Map.of(
            PAGE,
            "text/html; charset=utf-8",
            "manifest.json",
            "application/json",
            "catalog.json",
            "application/json",
            "run_results.json",
            "application/json");

    private final HttpServer server;
    private final ExecutorService threads;
    private final String host;

    private DocsServer(HttpServer server, ExecutorService threads, String host) {
        this.server = server;
        this.threads = threads;
        this.host = host;
    }

    /**
     * Answers from now on.
     *
     * @param directory where the artifacts are
     * @param port 0 for any free one
     * @throws FreshetException USER when nothing was generated there, or it can't listen, with what to do
     */
    public static DocsServer start(Path directory, String host, int port) {
        if (!Files.exists(directory.resolve(PAGE))) {
            throw new FreshetException(
                    ErrorKind.USER, "there is no '" + directory.resolve(PAGE) + "': run 'freshet docs generate' first");
        }
        try {
            InetAddress address = InetAddress.getByName(host);
            HttpServer server = HttpServer.create(new InetSocketAddress(address, port), 16);
            RequestGuard guard = new RequestGuard(address.isLoopbackAddress(), host, "");
            server.createContext("/", exchange -> answer(exchange, directory, guard));
            ExecutorService threads = Executors.newFixedThreadPool(2, body -> {
                Thread thread = new Thread(body, "freshet-docs");
                thread.setDaemon(true);
                return thread;
            });
            server.setExecutor(threads);
            server.start();
            return new DocsServer(server, threads, host);
        } catch (UnknownHostException e) {
            throw new FreshetException(
                    ErrorKind.USER, "'" + host + "' is no address of this machine: choose another with --host", e);
        } catch (BindException e) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "port " + port + " on '" + host + "' can't be listened on: " + e.getMessage()
                            + "; choose another with --port",
                    e);
        } catch (IOException e) {
            throw new FreshetException(ErrorKind.USER, "'" + host + "' can't be listened on: " + e.getMessage(), e);
        }
    }

    private static void answer(HttpExchange exchange, Path directory, RequestGuard guard) throws IOException {
        try (exchange) {
            Optional<String> refusal = guard.refusal(new RequestGuard.Request(
                    !exchange.getRequestMethod().equals("GET")
                            && !exchange.getRequestMethod().equals("HEAD"),
                    header(exchange, "Host"),
                    header(exchange, "Origin"),
                    header(exchange, "Sec-Fetch-Site"),
                    header(exchange, "Content-Type"),
                    ""));
            String path = exchange.getRequestURI().getPath();
            String name = path.equals("/") ? PAGE : path.substring(1);
            String type = SERVED.get(name);
            if (refusal.isPresent()) {
                send(exchange, 403, "text/plain; charset=utf-8", refusal.get().getBytes(StandardCharsets.UTF_8));
            } else if (type == null || !Files.exists(directory.resolve(name))) {
                byte[] nothing = ("there is nothing at " + path).getBytes(StandardCharsets.UTF_8);
                send(exchange, 404, "text/plain; charset=utf-8", nothing);
            } else {
                send(exchange, 200, type, Files.readAllBytes(directory.resolve(name)));
            }
        }
    }

    private static String header(HttpExchange exchange, String name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        exchange.getResponseHeaders().set("Cache-Control", "no-cache");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** Where a browser finds the page. */
    public String url() {
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":"
                + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
