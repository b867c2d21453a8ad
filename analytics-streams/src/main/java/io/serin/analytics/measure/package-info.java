/**
 * Measure: windows, sketches and comparisons for people and data teams. Pure values and functions
 * ({@link io.serin.analytics.measure.Aggregate}, {@link io.serin.analytics.measure.Contributions},
 * {@link io.serin.analytics.measure.Comparisons}) under a topology ({@link
 * io.serin.analytics.measure.MeasureTopology}).
 */
@NullMarked
package io.serin.analytics.measure;

import org.jspecify.annotations.NullMarked;
