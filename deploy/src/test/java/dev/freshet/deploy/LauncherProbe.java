package dev.freshet.deploy;

import java.lang.management.ManagementFactory;
import java.util.List;

/** Stands in for the product in tests of the launcher: says how it was started. */
public final class LauncherProbe {

    private LauncherProbe() {}

    public static void main(String[] arguments) throws InterruptedException {
        System.out.println("arguments " + List.of(arguments));
        for (String property : List.of("user.dir", "java.io.tmpdir", "java.library.path", "freshet.home", "probe")) {
            System.out.println(property + " " + System.getProperty(property));
        }
        System.out.println("malloc " + System.getenv("GLIBC_TUNABLES"));
        System.out.println("version " + Runtime.version().feature());
        boolean isShort =
                ManagementFactory.getRuntimeMXBean().getInputArguments().contains("-XX:TieredStopAtLevel=1");
        System.out.println("compiler for " + (isShort ? "soon" : "the long run"));
        System.out.println("opened " + Object.class.getModule().isOpen("java.nio", LauncherProbe.class.getModule()));
        if (arguments.length > 0 && arguments[0].equals("wait")) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("drained")));
            Thread.sleep(60_000);
        }
    }
}
