package dev.freshet.state;

/** An interval as PostgreSQL and DuckDB keep it: three parts that do not carry into each other. */
public record IntervalValue(int months, int days, long micros) {}
