/** Sequential tests, confidence sequences, sketches and planning. Pure mathematics: no I/O, no clock, no randomness. */
@NullMarked
package io.serin.statistics;

import org.jspecify.annotations.NullMarked;
