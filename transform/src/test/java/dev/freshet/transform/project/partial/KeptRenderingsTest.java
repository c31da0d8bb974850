package dev.freshet.transform.project.partial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is kept comes back as it was, and only while everything that it read means the same. */
class KeptRenderingsTest {

    private static final Read MACRO = new Read(Read.Kind.MACRO, "demo", "cents");
    private static final Read VARIABLE = new Read(Read.Kind.VARIABLE, "demo", "cutoff");

    @TempDir
    Path directory;

    private final Map<Read, String> world = new HashMap<>(Map.of(MACRO, "m1", VARIABLE, "v1"));

    private KeptRenderings open(String circumstances) {
        KeptRenderings kept = KeptRenderings.in(directory.resolve("target"), () -> circumstances);
        kept.judge(read -> world.getOrDefault(read, "nothing"));
        return kept;
    }

    private void keep(Object value, Read... reads) {
        KeptRenderings kept = open("c");
        assertThat(kept.find("key")).isEmpty();
        kept.keep("key", value, Set.of(reads));
        kept.write();
    }

    @Test
    void everyPlainValueComesBackAsItWas() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("z", null);
        map.put("a", List.of(true, false, 1, -1, Integer.MIN_VALUE, Long.MAX_VALUE, -1L, 0L, 127L, 128L));
        map.put("ü\uD83D\uDE00", List.of(1.5, -0.0, Double.NaN, Double.MIN_VALUE, "", "z", "\n"));
        map.put("n", List.of(BigInteger.TEN.pow(40), new BigDecimal("1.10"), Map.of(), List.of()));
        keep(map, MACRO);
        Object found = open("c").find("key").orElseThrow().value();
        assertThat(found).isEqualTo(map);
        assertThat(((Map<?, ?>) found).keySet().toArray())
                .isEqualTo(map.keySet().toArray());
        assertThat(Fingerprint.of(found)).isEqualTo(Fingerprint.of(map));
    }

    @Test
    void whatReadsSomethingElseNowIsNotFound() {
        keep("value", MACRO, VARIABLE);
        assertThat(open("c").find("key")).isPresent();
        world.put(VARIABLE, "v2");
        assertThat(open("c").find("key")).isEmpty();
        world.put(VARIABLE, "v1");
        world.remove(MACRO);
        assertThat(open("c").find("key")).isEmpty();
    }

    @Test
    void whatCantBeComparedIsNeverFound() {
        world.put(VARIABLE, "");
        keep("value", VARIABLE);
        assertThat(open("c").find("key")).isEmpty();
    }

    @Test
    void otherCircumstancesStartAnew() {
        keep("value");
        assertThat(open("other").find("key")).isEmpty();
        assertThat(open("c").find("key")).isPresent();
    }

    @Test
    void whatIsNotAskedForAgainIsForgotten() {
        keep("value");
        KeptRenderings kept = open("c");
        assertThat(kept.find("another")).isEmpty();
        kept.write();
        assertThat(open("c").find("key")).isEmpty();
    }

    @Test
    void onlyPlainValuesAreKept() {
        keep(Arrays.asList(1, new Date(0)));
        assertThat(open("c").find("key")).isEmpty();
        assertThatThrownBy(() -> Fingerprint.of(new Date(0))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void differentValuesHaveDifferentFingerprints() {
        List<Object> values = Arrays.asList(
                null,
                "",
                "null",
                false,
                0,
                0L,
                0.0,
                new BigDecimal("0"),
                new BigDecimal("0.0"),
                List.of(),
                Map.of(),
                List.of(List.of()),
                List.of("a", "b"),
                List.of("ab"),
                List.of("a,b"),
                Map.of("a", "b"),
                Map.of("ab", ""));
        assertThat(values.stream().map(Fingerprint::of).distinct()).hasSameSizeAs(values);
    }

    @ParameterizedTest
    @CsvSource({
        "       ,      ,      , true",
        "       ,      , false, false",
        "       , 0    , true , false",
        "       , False,      , false",
        "       , 1    , false, true",
        "       , ''   , false, false",
        "false  , 1    , true , false",
        "true   , 0    , false, true",
    })
    void theFlagComesBeforeTheVariableBeforeTheProject(Boolean flag, String variable, String configured, boolean isOn) {
        assertThat(PartialParsing.of(Optional.ofNullable(flag), Optional.ofNullable(variable))
                        .isOn(Optional.ofNullable(configured)))
                .isEqualTo(isOn);
    }
}
