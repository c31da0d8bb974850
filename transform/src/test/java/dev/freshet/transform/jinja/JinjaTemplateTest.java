package dev.freshet.transform.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.jinja.modules.DbtModules;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the corpus cannot say: definitions, packages, errors, host functions, policies. */
class JinjaTemplateTest {

    private static final JinjaEnvironment PLAIN = JinjaEnvironment.builder().build();

    private static String render(JinjaEnvironment env, String template) {
        return JinjaTemplate.parse("models/m.sql", template).render(env, Map.of());
    }

    private static String failure(JinjaEnvironment env, String template, Map<String, Object> context) {
        try {
            return "rendered " + JinjaTemplate.parse("models/m.sql", template).render(env, context);
        } catch (JinjaException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static String failure(String template) {
        return failure(PLAIN, template, Map.of());
    }

    @Test
    void listsTheDefinitionsOfAFile() {
        String source = "{% macro a(x, y=1) -%} body {%- endmacro %}\n"
                + "{% test unique(model, column_name) %}t{% endtest %}\n"
                + "{% data_test other(model) %}t{% enddata_test %}\n"
                + "{% materialization view, adapter='duckdb', supported_languages=['sql'] %}v{% endmaterialization %}\n"
                + "{% materialization view, default %}v{% endmaterialization %}\n"
                + "{% snapshot snap %}\n{{ config(x=1) }} select 1{% endsnapshot %}\n"
                + "{% docs orders %}Some *text*{% enddocs %}\n"
                + "{% if true %}{% macro nested() %}{% endmacro %}{% endif %}";
        List<MacroDefinition> macros =
                JinjaTemplate.parse("macros/all.sql", source).macros();
        assertThat(macros)
                .extracting(MacroDefinition::uniqueName)
                .containsExactly(
                        "a",
                        "test_unique",
                        "test_other",
                        "materialization_view_duckdb",
                        "materialization_view_default",
                        "snapshot_snap",
                        "dbt_docs__orders");
        assertThat(macros.get(0).source()).isEqualTo("{% macro a(x, y=1) -%} body {%- endmacro %}");
        assertThat(macros.get(0).contents()).isEqualTo(" body ");
        assertThat(macros.get(0).parameters())
                .containsExactly(new MacroDefinition.Parameter("x", false), new MacroDefinition.Parameter("y", true));
        assertThat(macros.get(3).adapter()).contains("duckdb");
        assertThat(macros.get(5).location()).isEqualTo(new SourceLocation("macros/all.sql", 6));
        JinjaEnvironment env = JinjaEnvironment.builder()
                .function(
                        "config",
                        (context, arguments, keywords) ->
                                "line " + context.location().line())
                .build();
        assertThat(macros.get(5).template().render(env, Map.of())).isEqualTo("\nline 7 select 1");
        assertThat(macros.get(6).template().render(env, Map.of())).isEqualTo("Some *text*");
    }

    @Test
    void packagesAreSearchedInTheirOrder() {
        List<MacroDefinition> own =
                JinjaTemplate.parse("a.sql", "{% macro m() %}own{% endmacro %}").macros();
        List<MacroDefinition> other = JinjaTemplate.parse(
                        "b.sql", "{% macro m() %}other{% endmacro %}{% macro o() %}o{% endmacro %}")
                .macros();
        JinjaEnvironment.Builder builder =
                JinjaEnvironment.builder().macros("other", other).macros("own", own);
        assertThat(render(builder.build(), "{{ m() }} {{ own.m() }} {{ other.m() }} {{ o() }}"))
                .isEqualTo("other own other o");
        JinjaEnvironment strict = builder.searchOrder(List.of("own")).build();
        assertThat(render(strict, "{{ m() }} {{ other.o() }}")).isEqualTo("own o");
        assertThat(failure(strict, "{{ o() }}", Map.of()))
                .isEqualTo("models/m.sql:1: 'o' is undefined; did you mean 'm'?");
    }

    @Test
    void hostsDispatchAndCallMacros() {
        List<MacroDefinition> macros = JinjaTemplate.parse(
                        "m.sql",
                        "{% macro duckdb__now(tz='utc') %}now({{ tz }}){% endmacro %}"
                                + "{% macro now(tz) %}{{ return(dispatch('now')(tz)) }}{% endmacro %}"
                                + "{% macro who() %}{{ whoami() }}{% endmacro %}")
                .macros();
        JinjaEnvironment env = JinjaEnvironment.builder()
                .macros("p", macros)
                .function("dispatch", JinjaFunction.of("dispatch", "name", (context, arguments) -> context.env()
                        .macro("p", "duckdb__" + arguments.string(0))
                        .orElseThrow()))
                .function(
                        "direct",
                        (context, arguments, keywords) ->
                                context.callMacro("duckdb__now", List.of("x"), Map.of()) + " " + context.lookup("here"))
                .function(
                        "whoami",
                        (context, arguments, keywords) ->
                                context.currentMacro().orElseThrow().name() + context.macroStack())
                .build();
        assertThat(render(env, "{{ now('cet') }} {% set here = 5 %}{{ direct() }} {{ who() }}"))
                .isEqualTo("now(cet) now(x) 5 who[models/m.sql:1]");
    }

    @Test
    void errorsSayWhereAndThroughWhichMacros() {
        List<MacroDefinition> macros = JinjaTemplate.parse(
                        "macros/m.sql",
                        "{% macro outer(x) %}\n  {{ inner(\n    x) }}\n{% endmacro %}\n\n{% macro inner(y) %}\n{{ y.colunm.z }}{% endmacro %}")
                .macros();
        JinjaEnvironment env = JinjaEnvironment.builder().macros("p", macros).build();
        JinjaTemplate template = JinjaTemplate.parse("models/m.sql", "\n\n{{ outer({'column': 1}) }}");
        assertThatThrownBy(() -> template.render(env, Map.of()))
                .isInstanceOfSatisfying(JinjaException.class, e -> {
                    assertThat(e.kind()).isEqualTo(ErrorKind.USER);
                    assertThat(e.location()).isEqualTo(new SourceLocation("macros/m.sql", 7));
                    assertThat(e.macroStack())
                            .containsExactly(
                                    new SourceLocation("macros/m.sql", 2), new SourceLocation("models/m.sql", 3));
                })
                .hasMessage("macros/m.sql:7: 'dict object' has no attribute 'colunm'; did you mean 'column'?\n"
                        + "  in macro 'inner', called at macros/m.sql:2\n"
                        + "  in macro 'outer', called at models/m.sql:3");
    }

    @Test
    void messagesNameTheRemedy() {
        assertThat(failure("{{ 1 | uper }}"))
                .isEqualTo("models/m.sql:1: no filter named 'uper'; did you mean 'upper'?");
        assertThat(failure("{{ 1 is defind }}"))
                .isEqualTo("models/m.sql:1: no test named 'defind'; did you mean 'defined'?");
        assertThat(failure("\n{% iff x %}")).isEqualTo("models/m.sql:2: unknown tag 'iff'; did you mean 'if'?");
        assertThat(failure("{% for x in y %}\n{% if x %}\n{% endfor %}"))
                .isEqualTo(
                        "models/m.sql:3: '{% endfor %}' stands in the block 'if' opened on line 2, which '{% endif %}' closes");
        assertThat(failure("a\n{% if x %}\nb"))
                .isEqualTo("models/m.sql:2: the block 'if' opened on line 2 is never closed with '{% endif %}'");
        assertThat(failure("{% include 'x' %}"))
                .contains("models/m.sql:1: '{% include %}' is not available: as in dbt");
        assertThat(failure("{% macro m(column) %}{% endmacro %}{{ m(colum=1) }}"))
                .isEqualTo("models/m.sql:1: macro 'm' takes no keyword argument 'colum'; did you mean 'column'?");
        assertThat(failure("\n\n{{ 'a' + 1 }}"))
                .isEqualTo(
                        "models/m.sql:3: can only concatenate str (not \"int\") to str; use ~ to join any values as text");
        assertThat(failure("{{ 'x\n }}")).isEqualTo("models/m.sql:1: a string is never closed");
        assertThat(failure("{{ 1 + }}")).isEqualTo("models/m.sql:1: expected an expression, found '}}'");
        assertThat(failure("{{ return(1) }}")).isEqualTo("models/m.sql:1: return() is outside of a macro");
    }

    @Test
    void runawaysEndWithAMessage() {
        assertThat(failure("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"))
                .startsWith("models/m.sql:1: macros and recursive loops are nested more than 200 deep")
                .contains("\n  … and ");
        assertThat(failure("{{ range(1000000) }}")).isEqualTo("models/m.sql:1: range() is limited to 100000 items");
        assertThat(failure("{{ 'x' * 10 ** 9 }}")).contains("would have more than");
        assertThat(failure("{{ 9 ** (9 ** 9) }}")).contains("an integer of more than");
        assertThat(failure("{{ " + "(".repeat(50_000) + "1" + ")".repeat(50_000) + " }}"))
                .contains("nested too deeply to be parsed");
        assertThat(failure("{% set a = [] %}{% do a.append(a) %}{{ a }}")).contains("...");
        assertThat(failure("{{ '%0999999999d' % 1 }}")).contains("larger than 1000000");
        assertThat(failure("{{ 'x'.ljust(10 ** 10) }}")).contains("larger than");
    }

    @Test
    void hostErrorsGetAPlace() {
        JinjaEnvironment env = JinjaEnvironment.builder()
                .function("ref", (context, arguments, keywords) -> {
                    throw new FreshetException(ErrorKind.USER, "model 'ordrs' does not exist");
                })
                .function("fail", (context, arguments, keywords) -> {
                    throw context.error("because");
                })
                .function("down", (context, arguments, keywords) -> {
                    throw new FreshetException(ErrorKind.TARGET, "the warehouse is away");
                })
                .build();
        assertThat(failure(env, "\n{{ ref('ordrs') }}", Map.of()))
                .isEqualTo("models/m.sql:2: model 'ordrs' does not exist");
        assertThat(failure(env, "\n{{ fail() }}", Map.of())).isEqualTo("models/m.sql:2: because");
        assertThatThrownBy(() -> render(env, "{{ down() }}")).hasMessage("the warehouse is away");
    }

    @Test
    void undefinedFollowsThePolicy() {
        assertThat(render(PLAIN, "[{{ nope }}{% for x in nope %}{% endfor %}]")).isEqualTo("[]");
        assertThat(failure("{{ nope.x }}")).startsWith("models/m.sql:1: 'nope' is undefined");
        JinjaEnvironment capture =
                JinjaEnvironment.builder().undefined(UndefinedPolicy.CAPTURE).build();
        assertThat(render(capture, "[{{ nope.x }}{{ nope.y['z'](1).w }}]")).isEqualTo("[]");
        JinjaEnvironment strict =
                JinjaEnvironment.builder().undefined(UndefinedPolicy.STRICT).build();
        assertThat(failure(strict, "{{ columm }}", Map.of("column", 1)))
                .isEqualTo("models/m.sql:1: 'columm' is undefined; did you mean 'column'?");
        assertThat(failure(strict, "{{ nope is defined }}{{ nope | default(1) }}", Map.of()))
                .isEqualTo("rendered False1");
    }

    @Test
    void nativeRenderingKeepsASingleValuesType() {
        assertThat(nativeValue("{{ 1 + 1 }}")).isEqualTo(2L);
        assertThat(nativeValue("{{ '1' }}")).isEqualTo("1");
        assertThat(nativeValue("{{ '1' | as_number }}")).isEqualTo(1L);
        assertThat(nativeValue("{{ 'true' | as_native }}")).isEqualTo("true");
        assertThat(nativeValue("{{ 'True' | as_bool }}")).isEqualTo(true);
        assertThat(nativeValue("{{ '[1, 2]' | as_native }}")).isEqualTo(List.of(1L, 2L));
        assertThat(nativeValue("{{ [1] + [2] }}")).isEqualTo(List.of(1L, 2L));
        assertThat(nativeValue("{{ none }}")).isEqualTo(None.NONE);
        assertThat(nativeValue("a{{ 1 }}")).isEqualTo("a1");
        assertThat(nativeValue("plain")).isEqualTo("plain");
        assertThatThrownBy(() -> nativeValue("{{ 'x' | as_number }}"))
                .hasMessage("dbt_project.yml:1: could not convert value 'x' into type 'number'");
    }

    private static Object nativeValue(String template) {
        return JinjaTemplate.parse("dbt_project.yml", template).renderNative(PLAIN, Map.of());
    }

    @Test
    void textWithoutTagsStaysAsItIs() {
        assertThat(render(PLAIN, "select 1\r\n\n")).isEqualTo("select 1\r\n\n");
        assertThat(render(PLAIN, "select {{ 1 }}\r\n\n")).isEqualTo("select 1\n");
    }

    @Test
    void aTemplateRendersInManyThreadsAtOnce() {
        JinjaTemplate template = JinjaTemplate.parse(
                "m.sql",
                "{% macro f(n) %}{{ return(1 if n < 2 else n * f(n - 1)) }}{% endmacro %}{% set ns = namespace(s=0) %}{% for i in range(n) %}{% set ns.s = ns.s + i %}{% endfor %}{{ ns.s }} {{ f(n) }}");
        List<String> rendered = IntStream.range(0, 200)
                .parallel()
                .mapToObj(i -> template.render(PLAIN, Map.of("n", 10)))
                .distinct()
                .toList();
        assertThat(rendered).containsExactly("45 3628800");
    }

    @Test
    void theClockAndTheSeedAreTheHosts() {
        Clock clock = Clock.fixed(Instant.parse("2024-07-01T22:30:00Z"), ZoneOffset.ofHours(2));
        JinjaEnvironment env = JinjaEnvironment.builder()
                .global("modules", DbtModules.create(clock))
                .seed(7)
                .build();
        assertThat(
                        render(
                                env,
                                "{{ modules.datetime.datetime.now() }} {{ modules.datetime.datetime.utcnow() }} {{ modules.datetime.date.today() }}"))
                .isEqualTo("2024-07-02 00:30:00 2024-07-01 22:30:00 2024-07-02");
        assertThat(
                        render(
                                env,
                                "{% set tz = modules.pytz.timezone('America/New_York') %}{{ modules.datetime.datetime.now(tz) }} {{ tz }}"
                                        + " {{ tz.localize(modules.datetime.datetime(2024, 1, 1)).isoformat() }}"
                                        + " {{ modules.datetime.datetime.now(modules.pytz.utc).astimezone(tz).strftime('%H:%M %z %Z') }}"))
                .isEqualTo("2024-07-01 18:30:00-04:00 America/New_York 2024-01-01T00:00:00-05:00 18:30 -0400 EDT");
        String first = render(env, "{{ range(1000) | random }}");
        assertThat(render(env, "{{ range(1000) | random }}")).isEqualTo(first);
    }

    @Test
    void hostValuesOfEveryKindAreTaken() {
        List<Object> withNull = new ArrayList<>();
        withNull.add(null);
        withNull.add((short) 1);
        withNull.add(1.5f);
        withNull.add('c');
        assertThat(JinjaTemplate.parse("m", "{{ v }} {{ d }} {{ i + 1 }} {{ none_at_all is none }} {{ d * 2 }}")
                        .render(
                                JinjaEnvironment.builder()
                                        .global("none_at_all", null)
                                        .build(),
                                Map.of("v", withNull, "d", new java.math.BigDecimal("1.10"), "i", 3)))
                .isEqualTo("[None, 1, 1.5, 'c'] 1.10 4 True 2.20");
        assertThat(failure(PLAIN, "{% do v.append(1) %}", Map.of("v", List.of(1))))
                .contains("cannot be changed");
    }
}
