/** A model's SQL as a tree of query blocks: what can be known of it without knowing what its expressions mean. */
@NullMarked
package dev.freshet.transform.plan.query;

import org.jspecify.annotations.NullMarked;
