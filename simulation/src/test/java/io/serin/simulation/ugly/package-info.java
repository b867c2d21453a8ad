@NullMarked
package io.serin.simulation.ugly;

import org.jspecify.annotations.NullMarked;
