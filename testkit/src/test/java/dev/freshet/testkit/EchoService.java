package dev.freshet.testkit;

/** A process to be treated badly by tests: says that it is ready, counts, and says so when it is asked to stop. */
public final class EchoService {

    private EchoService() {}

    public static void main(String[] arguments) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("drained")));
        System.out.println("ready " + arguments[0] + " " + System.getenv("ECHO_NAME"));
        for (int i = 0; i < 100_000; i++) {
            System.out.println("tick " + i);
            Thread.sleep(5);
        }
    }
}
