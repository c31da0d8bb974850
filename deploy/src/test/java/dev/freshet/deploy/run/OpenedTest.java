package dev.freshet.deploy.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenedTest {

    private final Opened opened = new Opened();
    private final List<String> closed = new ArrayList<>();

    private void add(String name, boolean fails) {
        opened.add(() -> {
            closed.add(name);
            if (fails) {
                throw new IllegalStateException(name);
            }
        });
    }

    @Test
    void allIsClosedThoughSomeOfItFails() {
        add("directory", false);
        add("store", true);
        add("target", true);
        add("reader", false);
        assertThatThrownBy(opened::close).hasMessage("target").satisfies(error -> assertThat(error.getSuppressed())
                .hasSize(1));
        assertThat(closed).containsExactly("reader", "target", "store", "directory");
        opened.close();
        assertThat(closed).as("once").hasSize(4);
    }

    @Test
    void theErrorThatCameBeforeIsNotLost() {
        add("store", true);
        IllegalArgumentException error = new IllegalArgumentException("no such table");
        opened.closeAfter(error);
        assertThat(error.getSuppressed()).singleElement().hasToString("java.lang.IllegalStateException: store");
    }
}
