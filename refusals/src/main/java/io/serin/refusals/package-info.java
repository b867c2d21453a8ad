/** Detecting that an answer refuses. Pure: no I/O, no clock. */
@NullMarked
package io.serin.refusals;

import org.jspecify.annotations.NullMarked;
