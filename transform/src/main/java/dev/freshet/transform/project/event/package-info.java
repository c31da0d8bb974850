/** Windows of event time, and the batches that a span of it falls into. */
@NullMarked
package dev.freshet.transform.project.event;

import org.jspecify.annotations.NullMarked;
