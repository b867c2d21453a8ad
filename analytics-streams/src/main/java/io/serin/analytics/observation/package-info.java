/**
 * Pure: what one request, rating or pair says to a rollout's judge. {@link
 * io.serin.analytics.observation.UnitHistory} decides which events of a unit are its first.
 */
@NullMarked
package io.serin.analytics.observation;

import org.jspecify.annotations.NullMarked;
