/** The local trip: a gross failure needs no statistics. Pure: no I/O, no clock. */
@NullMarked
package io.serin.router.trip;

import org.jspecify.annotations.NullMarked;
