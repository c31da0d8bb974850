package dev.freshet.publisher.duckdb;

import dev.freshet.publisher.Target;
import java.nio.file.Path;

/** A program that delivers one cut, and dies without a word before some statement of the next one's delivery. */
final class DyingDelivery {

    /** What it ends with where the delivery was too short to die in. */
    static final int SURVIVED = 3;

    static final int DIED = 9;

    /** More than there are in a delivery. */
    private static final int LONGEST = 10_000;

    private DyingDelivery() {}

    /** @param arguments the file, and the statement by its number or by itself */
    public static void main(String[] arguments) {
        DuckDbFile file = new DuckDbFile(Path.of(arguments[0]));
        boolean named = !Character.isDigit(arguments[1].charAt(0));
        int[] left = {Integer.MAX_VALUE};
        try (Target target = file.open(FaultScene.OWNER, statement -> {
            if (--left[0] == 0 || left[0] < LONGEST && statement.equals(arguments[1])) {
                Runtime.getRuntime().halt(DIED);
            }
        })) {
            FaultScene scene = new FaultScene();
            scene.cut(1);
            scene.publish(target);
            left[0] = named ? LONGEST : Integer.parseInt(arguments[1]);
            scene.cut(2);
            scene.publish(target);
        }
        Runtime.getRuntime().halt(SURVIVED);
    }
}
