package dev.freshet.publisher.postgres;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a client and a PostgreSQL server on loopback and breaks connections at chosen points of the protocol (PostgreSQL
 * documentation, chapter 55). A step is anything that the server answers: a Sync, a simple Query, the end of a COPY.
 */
final class CutProxy implements AutoCloseable {

    /** Where a connection breaks. */
    enum Cut {
        NEVER,
        /** The n-th step is not passed on. */
        BEFORE_STEP,
        /** The n-th step is done by the server and its answer lost. */
        AFTER_STEP,
        /** The COMMIT is not passed on. */
        BEFORE_COMMIT,
        /** The COMMIT is done by the server and its answer lost. */
        AFTER_COMMIT
    }

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int serverPort;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile Cut cut = Cut.NEVER;
    private volatile int cutStep;
    private volatile int steps;
    private volatile boolean refusing;

    CutProxy(int serverPort) throws IOException {
        this.serverPort = serverPort;
        start("proxy-accept", this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Breaks once, counting steps from now; then everything passes again. */
    void breakOnce(Cut where, int step) {
        cutStep = step;
        steps = 0;
        cut = where;
    }

    int steps() {
        return steps;
    }

    boolean hasBroken() {
        return cut == Cut.NEVER;
    }

    /** Like a server that is down. */
    void refuse() {
        refusing = true;
        open.forEach(CutProxy::closeQuietly);
    }

    void stopRefusing() {
        refusing = false;
    }

    private void accept() throws IOException {
        while (!listener.isClosed()) {
            Socket client = listener.accept();
            if (refusing) {
                closeQuietly(client);
                continue;
            }
            Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            open.add(client);
            open.add(server);
            Link link = new Link(client, server);
            start("proxy-up", link::up);
            start("proxy-down", link::down);
        }
    }

    private final class Link {
        private final Socket client;
        private final Socket server;
        private final Map<String, Boolean> commits = new HashMap<>();
        private volatile boolean swallowing;
        private boolean committing;

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void up() throws IOException {
            try (client;
                    server) {
                DataInputStream in = new DataInputStream(new BufferedInputStream(client.getInputStream()));
                DataOutputStream out = new DataOutputStream(new BufferedOutputStream(server.getOutputStream()));
                passStartup(in, out);
                while (true) {
                    int type = in.readUnsignedByte();
                    byte[] body = new byte[in.readInt() - 4];
                    in.readFully(body);
                    if (breaksBefore(type, body)) {
                        return;
                    }
                    out.writeByte(type);
                    out.writeInt(body.length + 4);
                    out.write(body);
                    if (in.available() == 0) {
                        out.flush();
                    }
                    if (swallowing) {
                        out.flush();
                        awaitAnswer();
                        return;
                    }
                }
            }
        }

        private void passStartup(DataInputStream in, DataOutputStream out) throws IOException {
            byte[] startup = new byte[in.readInt() - 4];
            in.readFully(startup);
            out.writeInt(startup.length + 4);
            out.write(startup);
            out.flush();
        }

        /** Counts steps; true when the connection is to break before this message is passed on. */
        private boolean breaksBefore(int type, byte[] body) {
            noteCommit(type, body);
            boolean step = type == 'S' || type == 'Q' || type == 'c';
            if (!step) {
                return false;
            }
            steps++;
            boolean here =
                    switch (cut) {
                        case NEVER -> false;
                        case BEFORE_STEP, AFTER_STEP -> steps == cutStep;
                        case BEFORE_COMMIT, AFTER_COMMIT -> committing;
                    };
            committing = false;
            if (!here) {
                return false;
            }
            boolean before = cut == Cut.BEFORE_STEP || cut == Cut.BEFORE_COMMIT;
            swallowing = !before;
            cut = Cut.NEVER;
            return before;
        }

        private void noteCommit(int type, byte[] body) {
            if (type == 'P') {
                String statement = text(body, 0);
                String sql = text(body, statement.length() + 1);
                commits.put(statement, sql.equalsIgnoreCase("commit"));
            } else if (type == 'B') {
                String portal = text(body, 0);
                committing |= commits.getOrDefault(text(body, portal.length() + 1), false);
            } else if (type == 'Q') {
                committing |= text(body, 0).equalsIgnoreCase("commit");
            }
        }

        private String text(byte[] body, int from) {
            int to = from;
            while (body[to] != 0) {
                to++;
            }
            return new String(body, from, to - from, StandardCharsets.ISO_8859_1);
        }

        private void awaitAnswer() {
            synchronized (this) {
                while (swallowing) {
                    try {
                        wait();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return;
                    }
                }
            }
        }

        void down() throws IOException {
            try (client;
                    server) {
                InputStream in = server.getInputStream();
                byte[] bytes = new byte[1 << 16];
                int count;
                while ((count = in.read(bytes)) >= 0) {
                    if (swallowing) {
                        return;
                    }
                    client.getOutputStream().write(bytes, 0, count);
                }
            } finally {
                synchronized (this) {
                    swallowing = false;
                    notifyAll();
                }
            }
        }
    }

    interface Work {
        void run() throws IOException;
    }

    private static void start(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException ignored) {
                        // A broken connection is what this class is for.
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void closeQuietly(@Nullable Socket socket) {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException ignored) {
            // It is gone either way.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        open.forEach(CutProxy::closeQuietly);
    }
}
