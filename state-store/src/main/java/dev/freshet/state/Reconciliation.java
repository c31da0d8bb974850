package dev.freshet.state;

/**
 * What of a table's staged changes a delta does not show.
 *
 * @param noOps keys that were changed and came out as they were
 * @param filled changes that did not carry an unchanged large value, which was taken from an earlier image
 */
public record Reconciliation(TableId table, long noOps, long filled) {}
