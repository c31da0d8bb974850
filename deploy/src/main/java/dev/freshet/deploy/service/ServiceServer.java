package dev.freshet.deploy.service;

import dev.freshet.deploy.config.HttpSettings;
import dev.freshet.deploy.observe.PipelineMetrics;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.net.BindException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for HTTP and, once {@link #announce announced}, is found by the project's commands. One event loop, which only moves bytes; every answer is made
 * by one of a few worker threads.
 */
public final class ServiceServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceServer.class);
    private static final int WORKERS = 4;
    private static final Duration IDLE = Duration.ofSeconds(60);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** What happens when the configured port is taken. */
    public enum TakenPort {
        /** The service does not start. */
        REFUSE,
        /** It takes any free one. */
        TAKE_ANOTHER
    }

    private final Vertx vertx;
    private final ServiceFile file;
    private final ServiceFile.Entry entry;
    private final EventStream events;

    private ServiceServer(Vertx vertx, ServiceFile file, ServiceFile.Entry entry, EventStream events) {
        this.vertx = vertx;
        this.file = file;
        this.entry = entry;
        this.events = events;
    }

    /**
     * Binds and answers from now on.
     *
     * @param directory run-time data of the project
     * @throws FreshetException USER when it can't listen there, with what to do
     */
    public static ServiceServer start(
            HttpSettings settings, TakenPort taken, Path directory, HostedPipeline hosted, PipelineMetrics metrics) {
        ServiceFile file = new ServiceFile(directory);
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(WORKERS)
                .setInternalBlockingPoolSize(1)
                .setUseDaemonThread(true)
                // Its own warnings would blame a reload, which may take as long as a drain.
                .setBlockedThreadCheckInterval(60_000)
                .setMaxWorkerExecuteTime(TimeUnit.MINUTES.toNanos(5))
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        try {
            boolean loopback = InetAddress.getByName(settings.host()).isLoopbackAddress();
            String token = newToken();
            Api api = new Api(hosted, metrics);
            EventStream events = new EventStream(vertx, api::statusText);
            HttpHandler handler =
                    new HttpHandler(vertx, api, events, new RequestGuard(loopback, settings.host(), token));
            HttpServer server = bind(vertx, settings, taken, file, handler);
            ServiceFile.Entry entry = new ServiceFile.Entry(
                    settings.host(),
                    server.actualPort(),
                    ProcessHandle.current().pid(),
                    token,
                    hosted.project().pipeline().toString());
            events.start();
            return new ServiceServer(vertx, file, entry, events);
        } catch (UnknownHostException e) {
            end(vertx);
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + settings.host() + "' is no address of this machine: set 'service.host' in freshet.yml",
                    e);
        } catch (RuntimeException e) {
            end(vertx);
            throw e;
        }
    }

    private static HttpServer bind(
            Vertx vertx, HttpSettings settings, TakenPort taken, ServiceFile file, HttpHandler handler) {
        try {
            return listen(vertx, settings, handler);
        } catch (BindException e) {
            if (taken == TakenPort.TAKE_ANOTHER && settings.port() != 0) {
                return bind(vertx, settings.withPort(0), TakenPort.REFUSE, file, handler);
            }
            throw new FreshetException(ErrorKind.USER, refusal(settings, file, e), e);
        }
    }

    private static String refusal(HttpSettings settings, ServiceFile file, BindException error) {
        Optional<ServiceFile.Entry> other = file.read()
                .filter(entry -> entry.port() == settings.port())
                .filter(entry -> ProcessHandle.of(entry.pid()).isPresent());
        if (other.isPresent()) {
            return "this project's service runs already: " + other.get()
                    + "; look at it with 'freshet status', or stop it first";
        }
        return "port " + settings.port() + " on '" + settings.host() + "' can't be listened on: " + error.getMessage()
                + "; choose another with 'freshet serve --port N' or 'service: {port: N}' in freshet.yml";
    }

    private static HttpServer listen(Vertx vertx, HttpSettings settings, HttpHandler handler) throws BindException {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(settings.host())
                .setPort(settings.port())
                .setHttp2ClearTextEnabled(false)
                .setIdleTimeout((int) IDLE.toSeconds());
        try {
            return await(vertx.createHttpServer(options)
                    .requestHandler(handler)
                    .listen()
                    .toCompletionStage()
                    .toCompletableFuture());
        } catch (CompletionException e) {
            if (e.getCause() instanceof BindException bind) {
                throw bind;
            }
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + settings.host() + "' can't be listened on: " + e.getCause()
                            + "; set 'service.host' in freshet.yml to an address of this machine",
                    e);
        }
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        } catch (TimeoutException e) {
            throw new CompletionException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(e);
        }
    }

    private static String newToken() {
        byte[] bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Leaves the file by which commands find this service. Only the pipeline's owner may: another one's would lead them astray. */
    public void announce() {
        file.write(entry);
    }

    /** Where a browser on this machine finds the page. */
    public String url() {
        return entry.url();
    }

    public int port() {
        return entry.port();
    }

    /** Ends every connection. */
    @Override
    public void close() {
        file.remove(entry);
        events.close();
        end(vertx);
    }

    private static void end(Vertx vertx) {
        try {
            await(vertx.close().toCompletionStage().toCompletableFuture());
        } catch (CompletionException e) {
            LOG.warn("the HTTP server did not end well: {}", String.valueOf(e.getCause()), e);
        }
    }
}
