/** Reference vectors: input-output pairs of other implementations, run against the library. */
@NullMarked
package io.serin.statistics.vectors;

import org.jspecify.annotations.NullMarked;
