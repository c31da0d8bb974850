package dev.freshet.transform.project.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DependencyGraphTest {

    private final DependencyGraph diamond =
            new DependencyGraph(Map.of("d", List.of("b", "c"), "b", List.of("a"), "c", List.of("a"), "z", List.of()));

    @Test
    void ordersParentsBeforeChildrenAndOtherwiseByName() {
        assertThat(diamond.order()).containsExactly("a", "b", "c", "d", "z");
    }

    @Test
    void reachesAsFarAsAsked() {
        assertThat(diamond.ancestors("d", 1)).containsExactly("b", "c");
        assertThat(diamond.ancestors("d", DependencyGraph.UNLIMITED)).containsExactly("a", "b", "c");
        assertThat(diamond.descendants("a", 1)).containsExactly("b", "c");
        assertThat(diamond.descendants("a", 0)).isEmpty();
    }

    @Test
    void namesTheCycle() {
        DependencyGraph graph = new DependencyGraph(
                Map.of("a", List.of("c", "root"), "b", List.of("a"), "c", List.of("b"), "leaf", List.of("c")));
        assertThat(graph.cycle()).containsExactly("a", "b", "c", "a");
        assertThatThrownBy(graph::order).hasMessageContaining("[a, b, c, a]");
        assertThat(diamond.cycle()).isEmpty();
    }

    @Test
    void aLongChainDoesNotOverflowTheStack() {
        Map<String, List<String>> chain = new HashMap<>();
        for (int i = 1; i < 20_000; i++) {
            chain.put("n" + i, List.of("n" + (i - 1)));
        }
        assertThat(new DependencyGraph(chain).cycle()).isEmpty();
        assertThat(new DependencyGraph(chain).order()).startsWith("n0", "n1").hasSize(20_000);
    }
}
