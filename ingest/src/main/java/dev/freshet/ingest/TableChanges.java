package dev.freshet.ingest;

import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;

/** The changes of one table in one batch, in source order, in a buffer that spills to disk when large. Closed by whoever stages them. */
public record TableChanges(TableId table, TableSchema schema, ChangeBuffer changes) {}
