/** What must hold, each statement as a simulation with known truth. */
@NullMarked
package io.serin.simulation.scenario;

import org.jspecify.annotations.NullMarked;
