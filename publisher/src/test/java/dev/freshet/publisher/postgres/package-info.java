/** Tests of delivery to PostgreSQL. */
@NullMarked
package dev.freshet.publisher.postgres;

import org.jspecify.annotations.NullMarked;
