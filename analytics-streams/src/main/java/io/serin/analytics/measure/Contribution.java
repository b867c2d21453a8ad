package io.serin.analytics.measure;

/**
 * What one event, or many of them, add to one window of 10 s. Also what the partitions hand to the
 * rollout's own: a difference, added once.
 */
public record Contribution(WindowKey key, Aggregate aggregate) {}
