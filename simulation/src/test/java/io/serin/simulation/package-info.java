@NullMarked
package io.serin.simulation;

import org.jspecify.annotations.NullMarked;
