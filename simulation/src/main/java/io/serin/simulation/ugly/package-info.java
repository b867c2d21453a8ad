/** Ugly streams: traffic as it really is, with a known truth, for the decider that ships. */
@NullMarked
package io.serin.simulation.ugly;

import org.jspecify.annotations.NullMarked;
