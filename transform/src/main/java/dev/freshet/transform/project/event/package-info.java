/** When events happened: windows of time, and the batches that they are divided into. */
@NullMarked
package dev.freshet.transform.project.event;

import org.jspecify.annotations.NullMarked;
