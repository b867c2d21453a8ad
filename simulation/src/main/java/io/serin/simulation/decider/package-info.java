/** The judge and controller that ship, driven with generated traffic. */
@NullMarked
package io.serin.simulation.decider;

import org.jspecify.annotations.NullMarked;
