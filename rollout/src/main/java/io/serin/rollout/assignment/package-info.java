/**
 * Which variant a request belongs to: a pure function of salt, unit and split, the same on every
 * router. No I/O, no clock, no state.
 */
@NullMarked
package io.serin.rollout.assignment;

import org.jspecify.annotations.NullMarked;
