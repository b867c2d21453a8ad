/**
 * Sequential tests, confidence sequences, sketches and planning. Pure mathematics: no I/O, no
 * clock; randomness only in {@code simulation}, by seed.
 */
@NullMarked
package io.serin.statistics;

import org.jspecify.annotations.NullMarked;
