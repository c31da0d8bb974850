package dev.freshet.transform.project.parse;

import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.config.ProjectFile;
import dev.freshet.transform.project.deps.PackageVersion;
import dev.freshet.transform.project.render.ModelRenderer;
import java.util.ArrayList;
import java.util.List;

/** {@code require-dbt-version}: a project or a package may be written for other versions of dbt than the one that is followed here. */
public final class RequiredVersion {

    private static final String KEY = "require-dbt-version";

    private RequiredVersion() {}

    /** @throws FreshetException USER with the key's place when the version is not within the bounds, or they can't be read */
    public static void check(ProjectFile file) {
        List<String> bounds = new ArrayList<>();
        for (String written : file.written().texts(KEY)) {
            bounds.addAll(List.of(written.split(",", -1)));
        }
        PackageVersion followed = PackageVersion.of(ModelRenderer.DBT_VERSION);
        for (String bound : bounds) {
            boolean isWithin;
            try {
                isWithin = followed.isWithin(bound);
            } catch (FreshetException e) {
                throw file.written().keyPosition(KEY).mistake("'" + KEY + "': " + e.getMessage());
            }
            if (!isWithin) {
                throw file.written()
                        .keyPosition(KEY)
                        .mistake("'" + file.name() + "' is written for dbt " + String.join(", ", bounds)
                                + ", and this follows dbt " + followed
                                + "; change the bounds, take another version of it, or pass --no-version-check");
            }
        }
    }
}
