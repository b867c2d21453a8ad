package io.serin.analytics.observation;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A unit's first pair of a shadow stage: the candidate and control, asked the same thing at the
 * same time. Nulls: that side has no such thing to tell.
 *
 * @param durationRatio candidate over control, where both answered
 * @param candidateHas events of its answer by the comparison library's names, of which the pair is
 *     of the kind that could; empty where the worker did not tell
 * @param tokenRatio candidate over control, where both answered and told
 * @param segments as dimension=value
 * @param candidateJson whether its answer is JSON; null where neither side's is, or it did not
 *     answer
 */
public record PairedObservation(
    String run,
    int stage,
    String candidate,
    boolean candidateFailed,
    boolean controlFailed,
    @Nullable Boolean candidateRefused,
    @Nullable Boolean controlRefused,
    @Nullable Boolean candidateJson,
    @Nullable Boolean controlJson,
    @Nullable Double durationRatio,
    Map<String, Boolean> candidateHas,
    Map<String, Boolean> controlHas,
    @Nullable Double tokenRatio,
    List<String> segments) {
  public PairedObservation {
    candidateHas = Map.copyOf(candidateHas);
    controlHas = Map.copyOf(controlHas);
    segments = List.copyOf(segments);
  }
}
