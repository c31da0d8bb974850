package dev.freshet.transform.project.deps;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version of a package on the hub, or of dbt: {@code 1.3.0} or {@code 1.4.0-rc1}. */
public record PackageVersion(int major, int minor, int patch, String prerelease) implements Comparable<PackageVersion> {

    private static final Pattern SYNTAX =
            Pattern.compile("v?(\\d{1,6})\\.(\\d{1,6})\\.(\\d{1,6})(?:-([0-9A-Za-z.-]+))?");
    private static final Pattern BOUND = Pattern.compile("\\s*(>=|<=|==|=|>|<)?\\s*(\\S+)\\s*");
    private static final Comparator<PackageVersion> ORDER = Comparator.comparingInt(PackageVersion::major)
            .thenComparingInt(PackageVersion::minor)
            .thenComparingInt(PackageVersion::patch)
            // A release comes after its candidates.
            .thenComparing(PackageVersion::isRelease)
            .thenComparing(PackageVersion::prerelease);

    /** @throws FreshetException USER when it is none */
    public static PackageVersion of(String text) {
        Matcher match = SYNTAX.matcher(text.strip());
        if (!match.matches()) {
            throw new FreshetException(
                    ErrorKind.USER, "'" + text + "' is not a version such as 1.3.0 or a range such as '>=1.0.0'");
        }
        return new PackageVersion(
                Integer.parseInt(match.group(1)),
                Integer.parseInt(match.group(2)),
                Integer.parseInt(match.group(3)),
                match.group(4) == null ? "" : match.group(4));
    }

    public boolean isRelease() {
        return prerelease.isEmpty();
    }

    /** Whether this version is within one bound: {@code >=1.0.0}, {@code <2.0.0}, {@code 1.1.1}. */
    public boolean isWithin(String bound) {
        Matcher match = BOUND.matcher(bound);
        if (!match.matches()) {
            throw new FreshetException(ErrorKind.USER, "'" + bound + "' is not a version or a range");
        }
        int order = compareTo(of(match.group(2)));
        return switch (match.group(1) == null ? "=" : match.group(1)) {
            case ">=" -> order >= 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            case "<" -> order < 0;
            default -> order == 0;
        };
    }

    @Override
    public int compareTo(PackageVersion other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch + (isRelease() ? "" : "-" + prerelease);
    }
}
