package dev.freshet.deploy.cli.terminal;

import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Turns the first SIGINT or SIGTERM into a request to stop and the second into an immediate end with 130 or 143. The JDK's signal API is not part
 * of the platform's public modules, so it is reached by name; where it is missing, the JVM's own handling stays.
 */
public final class Signals {

    private final CountDownLatch requested = new CountDownLatch(1);
    private final AtomicInteger received = new AtomicInteger();

    /** For the whole process, from now on. */
    public static Signals install() {
        Signals signals = new Signals();
        signals.handle("INT", 130);
        signals.handle("TERM", 143);
        return signals;
    }

    private void handle(String name, int forcedExit) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            if (received.incrementAndGet() > 1) {
                                Runtime.getRuntime().halt(forcedExit);
                            }
                            requested.countDown();
                            return null;
                        }
                        return switch (method.getName()) {
                            case "hashCode" -> System.identityHashCode(proxy);
                            case "equals" -> proxy == arguments[0];
                            default -> "freshet's handler of SIG" + name;
                        };
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), ours);
        } catch (ReflectiveOperationException ignored) {
            // the JVM ends the process on the first signal then; a restart recovers as after a kill
        }
    }

    /** Whether the first signal came. */
    public boolean stopRequested() {
        return requested.getCount() == 0;
    }

    /** Waits until a stop is requested, at most this long; true when it was. */
    public boolean await(long millis) throws InterruptedException {
        return requested.await(millis, TimeUnit.MILLISECONDS);
    }
}
