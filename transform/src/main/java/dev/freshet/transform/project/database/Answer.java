package dev.freshet.transform.project.database;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a database says about the last of the statements it was given.
 *
 * @param message as dbt prints it: {@code SELECT 42}, {@code CREATE VIEW}, or {@code OK} where the database says nothing
 * @param code its first words; empty where the database says nothing
 * @param rows how many it touched, where that is known
 * @param result what a query found
 */
public record Answer(String message, Optional<String> code, OptionalLong rows, QueryResult result) {}
