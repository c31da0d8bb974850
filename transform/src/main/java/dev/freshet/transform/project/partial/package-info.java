/** Partial parsing: what renderings found out, kept from one parse to the next. */
@org.jspecify.annotations.NullMarked
package dev.freshet.transform.project.partial;
