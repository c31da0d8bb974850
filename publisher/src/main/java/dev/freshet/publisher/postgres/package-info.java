/**
 * PostgreSQL as a target: all tables of a delivery and the ledger move in one transaction. The driver's types stay in here.
 */
@NullMarked
package dev.freshet.publisher.postgres;

import org.jspecify.annotations.NullMarked;
