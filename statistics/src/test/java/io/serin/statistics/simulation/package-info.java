@NullMarked
package io.serin.statistics.simulation;

import org.jspecify.annotations.NullMarked;
