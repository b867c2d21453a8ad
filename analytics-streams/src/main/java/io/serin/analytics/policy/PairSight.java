package io.serin.analytics.policy;

import org.jspecify.annotations.Nullable;

/**
 * A unit's first pair of a shadow stage: the candidate and control, asked the same thing at the
 * same time. Nulls: that side has no such thing to tell.
 *
 * @param durationRatio candidate over control, where both answered
 * @param candidateJson whether its answer is JSON; null where neither side's is, or it did not
 *     answer
 */
public record PairSight(
    String run,
    int stage,
    String candidate,
    boolean candidateFailed,
    boolean controlFailed,
    @Nullable Boolean candidateRefused,
    @Nullable Boolean controlRefused,
    @Nullable Boolean candidateJson,
    @Nullable Boolean controlJson,
    @Nullable Double durationRatio) {}
