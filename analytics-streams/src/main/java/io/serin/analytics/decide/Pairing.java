package io.serin.analytics.decide;

import io.serin.analytics.observation.Observation;
import io.serin.analytics.observation.PairedObservation;
import io.serin.comparison.ComparedMetric;
import io.serin.comparison.PairDifference;
import io.serin.comparison.record.PairRecords;
import io.serin.schemas.PairObservation;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.ShadowSide;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which shadow results are evidence, and what they say. Evidence is a live result (no backfill) of
 * which the candidate was measured and control was replayed beside it, and of which neither side
 * was left without an outcome of its own.
 */
final class Pairing {
  private static final String BROKEN = ComparedMetric.JSON_BROKEN.id();

  private Pairing() {}

  static Optional<PairObservation> observe(ShadowResult result) {
    ShadowSide control = result.getControl();
    ShadowSide candidate = result.getCandidate();
    if (result.getSkipped() != null || result.getBackfill() != null || control == null) {
      return Optional.empty();
    }
    Observation.End ours = Observing.end(candidate.getMeasurement().getOutcome());
    Observation.End theirs = Observing.end(control.getMeasurement().getOutcome());
    if (ours == null || theirs == null) {
      return Optional.empty();
    }
    boolean answered = ours == Observation.End.OK && theirs == Observation.End.OK;
    Optional<PairDifference> pair = PairRecords.control(result);
    Map<String, Boolean> has = pair.map(of -> of.events(true)).orElse(Map.of());
    Map<String, Boolean> hasControl = pair.map(of -> of.events(false)).orElse(Map.of());
    boolean json =
        answered
            && (candidate.getJson()
                || control.getJson()
                || (has.containsKey(BROKEN) && hasControl.containsKey(BROKEN)));
    return Optional.of(
        PairObservation.newBuilder()
            .setRollout(result.getRollout())
            .setRun(result.getRun())
            .setStage(result.getStage())
            .setUnit(result.getUnit())
            .setCandidate(candidate.getVariant())
            .setRequestId(result.getRequestId())
            .setCandidateFailed(ours == Observation.End.FAILED)
            .setControlFailed(theirs == Observation.End.FAILED)
            .setCandidateRefused(answered ? candidate.getMeasurement().getRefusal() : null)
            .setControlRefused(answered ? control.getMeasurement().getRefusal() : null)
            .setCandidateJson(json ? candidate.getJson() : null)
            .setControlJson(json ? control.getJson() : null)
            .setDurationRatio(answered ? ratio(candidate, control) : null)
            .setCandidateHas(has)
            .setControlHas(hasControl)
            .setTokenRatio(answered ? tokens(candidate, control) : null)
            .setSegments(result.getAsked() == null ? List.of() : result.getAsked().getSegments())
            .build());
  }

  static PairedObservation sight(PairObservation pair) {
    return new PairedObservation(
        pair.getRun(),
        pair.getStage(),
        pair.getCandidate(),
        pair.getCandidateFailed(),
        pair.getControlFailed(),
        pair.getCandidateRefused(),
        pair.getControlRefused(),
        pair.getCandidateJson(),
        pair.getControlJson(),
        pair.getDurationRatio(),
        pair.getCandidateHas(),
        pair.getControlHas(),
        pair.getTokenRatio(),
        pair.getSegments());
  }

  private static @Nullable Double tokens(ShadowSide candidate, ShadowSide control) {
    Long ours = candidate.getMeasurement().getCompletionTokens();
    Long theirs = control.getMeasurement().getCompletionTokens();
    return ours == null || theirs == null || ours <= 0 || theirs <= 0
        ? null
        : Double.valueOf((double) ours / theirs);
  }

  private static @Nullable Double ratio(ShadowSide candidate, ShadowSide control) {
    double ours = candidate.getMeasurement().getDurationMicros();
    double theirs = control.getMeasurement().getDurationMicros();
    return ours > 0 && theirs > 0 ? Double.valueOf(ours / theirs) : null;
  }
}
