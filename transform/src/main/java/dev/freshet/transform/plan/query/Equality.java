package dev.freshet.transform.plan.query;

/** A condition that two columns are equal, and so neither is NULL. */
public record Equality(ScopeColumn left, ScopeColumn right) {}
