package dev.freshet.transform.project.compile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The layouts are those that dbt's own compiler gives, spaces included. */
class CommonTableExpressionsTest {

    private final Map<String, String> one = Map.of("a", "select 1");

    @Test
    void leavesSqlWithoutEphemeralParentsAlone() {
        assertThat(CommonTableExpressions.prepend(Map.of(), "select 1")).isEqualTo("select 1");
    }

    @Test
    void opensAWithClause() {
        assertThat(CommonTableExpressions.prepend(one, "select * from __dbt__cte__a"))
                .isEqualTo("with __dbt__cte__a as (\nselect 1\n) select * from __dbt__cte__a");
        assertThat(CommonTableExpressions.prepend(one, "\n\n-- why\nselect 2"))
                .isEqualTo("\n\nwith __dbt__cte__a as (\nselect 1\n) -- why\nselect 2");
    }

    @Test
    void joinsAWithClause() {
        assertThat(CommonTableExpressions.prepend(one, "-- why\nWITH x as (select 2) select 3"))
                .isEqualTo("-- why\nWITH  __dbt__cte__a as (\nselect 1\n), x as (select 2) select 3");
        assertThat(CommonTableExpressions.prepend(one, "/* with */ with recursive x as (select 2) select 3"))
                .isEqualTo("/* with */ with recursive  __dbt__cte__a as (\nselect 1\n), x as (select 2) select 3");
    }

    @Test
    void aNameThatBeginsLikeWithIsNoClause() {
        assertThat(CommonTableExpressions.prepend(one, "within_x")).startsWith("with __dbt__cte__a as");
        assertThat(CommonTableExpressions.prepend(one, "with")).isEqualTo("with __dbt__cte__a as (\nselect 1\n), ");
    }

    @Test
    void keepsTheOrder() {
        Map<String, String> two = new LinkedHashMap<>();
        two.put("a", "select 1");
        two.put("b", "select * from __dbt__cte__a");
        assertThat(CommonTableExpressions.prepend(two, "select 1"))
                .isEqualTo(
                        "with __dbt__cte__a as (\nselect 1\n),  __dbt__cte__b as (\nselect * from __dbt__cte__a\n) select 1");
    }
}
