package dev.freshet.benchmarks;

import java.util.Map;
import java.util.Optional;

/** Something that can be measured by name from the command line. */
interface Benchmark {

    String name();

    /** One line for people who ask what there is. */
    String summary();

    /** The options it takes, without their dashes, with their defaults. All are whole numbers. */
    Map<String, Long> options();

    Outcome run(Arguments arguments, Console console) throws Exception;

    /**
     * What came out.
     *
     * @param values in the order in which the {@code RESULT} line has them
     * @param failure why the numbers can't be trusted, if they can't
     */
    record Outcome(Map<String, String> values, Optional<String> failure) {}
}
