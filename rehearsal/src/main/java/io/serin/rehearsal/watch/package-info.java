/** Follows Serin's topics during a rehearsal. */
@NullMarked
package io.serin.rehearsal.watch;

import org.jspecify.annotations.NullMarked;
