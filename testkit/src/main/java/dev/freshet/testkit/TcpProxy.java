package dev.freshet.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A network that can fail, between a client and a server on this machine. Open connections and new ones are treated alike. May be used by
 * several threads.
 */
public final class TcpProxy implements AutoCloseable {

    private enum Network {
        PASSES,
        HOLDS,
        SWALLOWS_ANSWERS,
        CUT
    }

    private final ServerSocket listener;
    private final String host;
    private final int port;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();

    // Guarded by this.
    private Network network = Network.PASSES;
    private boolean closed;
    private int left;
    private Failure next = Failure.CUT;
    private boolean failed;

    private TcpProxy(ServerSocket listener, String host, int port) {
        this.listener = listener;
        this.host = host;
        this.port = port;
    }

    /** Listens on a free loopback port and forwards to a server. */
    public static TcpProxy to(String host, int port) {
        try {
            TcpProxy proxy = new TcpProxy(new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1")), host, port);
            daemon(proxy::accept, "proxy to " + port);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String host() {
        return "127.0.0.1";
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Ends every open connection; new ones are ended as soon as they are made. */
    public void cut() {
        switchTo(Network.CUT);
        links.forEach(Link::close);
    }

    /** Nothing passes in either direction and nothing is lost: what a peer sends now arrives after {@link #restore}. */
    public void hold() {
        switchTo(Network.HOLDS);
    }

    /** Requests still arrive, answers are lost: the server commits and the client never hears of it. */
    public void swallowAnswers() {
        switchTo(Network.SWALLOWS_ANSWERS);
    }

    /** Everything passes again. Connections that lost bytes are ended. */
    public void restore() {
        synchronized (this) {
            left = 0;
        }
        links.stream().filter(link -> link.lostBytes).forEach(Link::close);
        switchTo(Network.PASSES);
    }

    /** What happens to the network in {@link #failAfter}. */
    public enum Failure {
        /** As {@link TcpProxy#cut}: the request that was counted last is lost. */
        CUT,
        /** As {@link TcpProxy#swallowAnswers}: the request that was counted last arrives. */
        ANSWERS_LOST
    }

    /** Counts pieces of requests, on all connections together, and fails at one of them, until {@link #restore}. */
    public synchronized void failAfter(int requests, Failure failure) {
        left = requests;
        next = failure;
        failed = false;
    }

    /** Whether it came to the failure since {@link #failAfter} was called. */
    public synchronized boolean hasFailed() {
        return failed;
    }

    private void countRequest() {
        Failure due = null;
        synchronized (this) {
            if (left > 0 && --left == 0) {
                failed = true;
                due = next;
            }
        }
        if (due == Failure.CUT) {
            cut();
        } else if (due == Failure.ANSWERS_LOST) {
            swallowAnswers();
        }
    }

    public int openConnections() {
        return links.size();
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        links.forEach(Link::close);
    }

    private synchronized void switchTo(Network next) {
        network = next;
        notifyAll();
    }

    /** The state of the network as soon as something can be done with bytes. */
    private synchronized Network awaitMovement(Link link) throws InterruptedException {
        while (network == Network.HOLDS && !closed && !link.ended) {
            wait();
        }
        return network;
    }

    private synchronized boolean isCut() {
        return network == Network.CUT || closed;
    }

    private void accept() {
        while (true) {
            try {
                Socket client = listener.accept();
                if (isCut()) {
                    client.close();
                } else {
                    open(client);
                }
            } catch (IOException ignored) {
                if (listener.isClosed()) {
                    return;
                }
            }
        }
    }

    private void open(Socket client) throws IOException {
        Socket server;
        try {
            server = new Socket(host, port);
        } catch (IOException e) {
            client.close();
            return;
        }
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        Link link = new Link(client, server);
        links.add(link);
        daemon(() -> link.pump(client, server, false), "proxy requests");
        daemon(() -> link.pump(server, client, true), "proxy answers");
    }

    private static void daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private final class Link {

        private final Socket client;
        private final Socket server;
        private volatile boolean lostBytes;
        private volatile boolean ended;

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        private void pump(Socket from, Socket to, boolean answers) {
            byte[] buffer = new byte[16 * 1024];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                int read = in.read(buffer);
                while (read >= 0) {
                    if (!answers) {
                        countRequest();
                    }
                    Network now = awaitMovement(this);
                    if (answers && now == Network.SWALLOWS_ANSWERS) {
                        lostBytes = true;
                    } else {
                        out.write(buffer, 0, read);
                        out.flush();
                    }
                    read = in.read(buffer);
                }
            } catch (IOException ignored) {
                // Either side went away: the other follows.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                close();
            }
        }

        private void close() {
            ended = true;
            links.remove(this);
            synchronized (TcpProxy.this) {
                TcpProxy.this.notifyAll();
            }
            closeQuietly(client);
            closeQuietly(server);
        }

        private void closeQuietly(Socket socket) {
            try {
                socket.close();
            } catch (IOException ignored) {
                // It is gone either way.
            }
        }
    }
}
