@NullMarked
package dev.freshet.ingest.postgres;

import org.jspecify.annotations.NullMarked;
