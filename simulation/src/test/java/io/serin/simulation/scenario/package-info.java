@NullMarked
package io.serin.simulation.scenario;

import org.jspecify.annotations.NullMarked;
