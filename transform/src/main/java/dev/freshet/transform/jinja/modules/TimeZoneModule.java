package dev.freshet.transform.jinja.modules;

import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.PythonError;
import dev.freshet.transform.jinja.Undefined;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Map;
import java.util.Set;

/** {@code modules.pytz}. */
final class TimeZoneModule {

    private TimeZoneModule() {}

    static JinjaObject create() {
        return new ModuleObject(
                "pytz",
                Map.of(
                        "utc", new TimeZoneValue("UTC"),
                        "UTC", new TimeZoneValue("UTC"),
                        "timezone",
                                JinjaFunction.of(
                                        "timezone", "zone", (context, arguments) -> zone(arguments.string(0)))));
    }

    private static TimeZoneValue zone(String name) {
        try {
            ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new PythonError("unknown time zone '" + name + "'");
        }
        return new TimeZoneValue(name);
    }

    /** A time zone by its name in the IANA database. */
    record TimeZoneValue(String name) implements JinjaObject {

        static TimeZoneValue require(Object value) {
            if (value instanceof TimeZoneValue zone) {
                return zone;
            }
            throw new PythonError("tzinfo must be None or a time zone of modules.pytz");
        }

        ZoneId id() {
            return ZoneId.of(name);
        }

        @Override
        public Object attribute(String attribute) {
            return switch (attribute) {
                case "zone" -> name;
                case "localize" ->
                    JinjaFunction.of("localize", "dt, is_dst=False", (context, arguments) -> {
                        DateTimeValue local = DateTimeValue.require(arguments.value(0));
                        if (local.zone() != null) {
                            throw new PythonError("localize() takes a datetime without a time zone");
                        }
                        return new DateTimeValue(local.local(), this);
                    });
                case "normalize" ->
                    JinjaFunction.of(
                            "normalize", "dt", (context, arguments) -> DateTimeValue.require(arguments.value(0))
                                    .in(this));
                default -> Undefined.UNDEFINED;
            };
        }

        @Override
        public Set<String> attributeNames() {
            return Set.of("zone", "localize", "normalize");
        }

        @Override
        public String text() {
            return name;
        }

        @Override
        public String representation() {
            return name.equals("UTC") ? "<UTC>" : "<DstTzInfo '" + name + "'>";
        }

        @Override
        public String typeName() {
            return "tzinfo";
        }
    }
}
