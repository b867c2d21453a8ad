/** Confidence sequences: intervals that hold at every look, for means, rates and quantiles. */
@NullMarked
package io.serin.statistics.confidence;

import org.jspecify.annotations.NullMarked;
