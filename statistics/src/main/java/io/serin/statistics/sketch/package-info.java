/** Mergeable quantile sketches with bins that a margin shifts exactly. */
@NullMarked
package io.serin.statistics.sketch;

import org.jspecify.annotations.NullMarked;
