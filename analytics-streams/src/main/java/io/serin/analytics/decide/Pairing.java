package io.serin.analytics.decide;

import io.serin.analytics.policy.PairSight;
import io.serin.analytics.policy.Sight;
import io.serin.schemas.PairObservation;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.ShadowSide;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which shadow results are evidence, and what they say. Evidence is a live result (no backfill) of
 * which the candidate was measured and control was replayed beside it, and of which neither side
 * was left without an outcome of its own.
 */
final class Pairing {
  private Pairing() {}

  static Optional<PairObservation> observe(ShadowResult result) {
    ShadowSide control = result.getControl();
    ShadowSide candidate = result.getCandidate();
    if (result.getSkipped() != null || result.getBackfill() != null || control == null) {
      return Optional.empty();
    }
    Sight.End ours = Observing.end(candidate.getMeasurement().getOutcome());
    Sight.End theirs = Observing.end(control.getMeasurement().getOutcome());
    if (ours == null || theirs == null) {
      return Optional.empty();
    }
    boolean answered = ours == Sight.End.OK && theirs == Sight.End.OK;
    boolean json = answered && (candidate.getJson() || control.getJson());
    return Optional.of(
        PairObservation.newBuilder()
            .setRollout(result.getRollout())
            .setRun(result.getRun())
            .setStage(result.getStage())
            .setUnit(result.getUnit())
            .setCandidate(candidate.getVariant())
            .setRequestId(result.getRequestId())
            .setCandidateFailed(ours == Sight.End.FAILED)
            .setControlFailed(theirs == Sight.End.FAILED)
            .setCandidateRefused(answered ? candidate.getMeasurement().getRefusal() : null)
            .setControlRefused(answered ? control.getMeasurement().getRefusal() : null)
            .setCandidateJson(json ? candidate.getJson() : null)
            .setControlJson(json ? control.getJson() : null)
            .setDurationRatio(answered ? ratio(candidate, control) : null)
            .build());
  }

  static PairSight sight(PairObservation pair) {
    return new PairSight(
        pair.getRun(),
        pair.getStage(),
        pair.getCandidate(),
        pair.getCandidateFailed(),
        pair.getControlFailed(),
        pair.getCandidateRefused(),
        pair.getControlRefused(),
        pair.getCandidateJson(),
        pair.getControlJson(),
        pair.getDurationRatio());
  }

  private static @Nullable Double ratio(ShadowSide candidate, ShadowSide control) {
    double ours = candidate.getMeasurement().getDurationMicros();
    double theirs = control.getMeasurement().getDurationMicros();
    return ours > 0 && theirs > 0 ? Double.valueOf(ours / theirs) : null;
  }
}
