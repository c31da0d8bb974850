package dev.freshet.transform.project.node;

import dev.freshet.transform.project.render.Quoting;

/**
 * A source table with what resolving needs.
 *
 * @param packageName the package that declares it
 * @param qualifiedName {@code source.table}
 * @param database the database part of its name, empty where there is none
 * @param isExplicit its connection is named, so it is captured when something maintained reads it
 * @param quoting how its name is written
 */
public record SourceNode(
        SourceTable table,
        String packageName,
        String qualifiedName,
        String database,
        boolean isExplicit,
        Quoting quoting) {}
