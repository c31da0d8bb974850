package dev.freshet.deploy.pipeline;

import dev.freshet.deploy.config.SettingsFile;
import dev.freshet.state.Takeover;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicInteger;

/** A service that ends as if by kill -9 right after a step. Arguments: project directory, step, which occurrence of it. */
public final class CrashingService {

    static final int EXIT = 137;

    private CrashingService() {}

    public static void main(String[] arguments) throws InterruptedException {
        Path project = Path.of(arguments[0]);
        Step last = Step.valueOf(arguments[1]);
        AtomicInteger left = new AtomicInteger(Integer.parseInt(arguments[2]));
        StepListener crash = (step, subject) -> {
            if (step == last && left.decrementAndGet() == 0) {
                Runtime.getRuntime().halt(EXIT);
            }
        };
        try (Pipeline pipeline = Pipeline.start(
                ShopFixture.load(project, System.getenv()),
                SettingsFile.read(project),
                new Plugins(),
                Takeover.REFUSED,
                Clock.systemUTC(),
                crash,
                new PipelineListener() {})) {
            System.out.println("SERVING");
            while (pipeline.fatalError().isEmpty()) {
                Thread.sleep(1_000);
            }
            throw new IllegalStateException(pipeline.fatalError().get());
        }
    }
}
