/**
 * Which variant a request belongs to: a pure function of salt, unit and split. No I/O, no clock, no
 * state.
 */
@NullMarked
package io.serin.router.assignment;

import org.jspecify.annotations.NullMarked;
