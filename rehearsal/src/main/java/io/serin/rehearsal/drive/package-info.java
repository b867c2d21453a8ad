/** A client that keeps its schedule and checks every answer. */
@NullMarked
package io.serin.rehearsal.drive;

import org.jspecify.annotations.NullMarked;
