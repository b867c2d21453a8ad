package io.serin.analytics.measure;

import io.serin.comparison.PairDifference;
import io.serin.comparison.record.PairRecords;
import io.serin.schemas.Comparison;
import io.serin.schemas.Judgement;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.Outcomes;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.ShadowSide;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Pure: the paired differences of a shadow result. One against what was served and, where control
 * was replayed beside the candidate, one against that. A skipped result has none, and a candidate
 * is not compared with itself where it served the request.
 *
 * <p>Times and tokens are compared only where both sides answered in full: the wait for a failure
 * says nothing of the wait for an answer, and the failure itself is told as such. A client that
 * left makes the served side incomplete, not failed.
 */
public final class Comparisons {
  /** Against the answer that the client got. */
  public static final String SERVED = "served";

  /** Against control, asked again beside the candidate. */
  public static final String CONTROL_REPLAYED = "control-replayed";

  private Comparisons() {}

  /** The comparisons of one result: none, one or two. */
  public static List<Comparison> of(ShadowResult result) {
    if (result.getSkipped() != null) {
      return List.of();
    }
    List<Comparison> comparisons = new ArrayList<>(2);
    if (!result.getServed().getVariant().equals(result.getCandidate().getVariant())) {
      comparisons.add(
          compare(result, SERVED, result.getServed(), PairRecords.served(result).orElse(null)));
    }
    if (result.getControl() != null) {
      comparisons.add(
          compare(
              result,
              CONTROL_REPLAYED,
              result.getControl(),
              PairRecords.control(result).orElse(null)));
    }
    return comparisons;
  }

  private static Comparison compare(
      ShadowResult result, String against, ShadowSide other, @Nullable PairDifference pair) {
    ShadowSide candidate = result.getCandidate();
    Measurement ours = candidate.getMeasurement();
    Measurement theirs = other.getMeasurement();
    boolean answered = ours.getOutcome() == Outcome.OK && theirs.getOutcome() == Outcome.OK;
    boolean texts = candidate.getTextHash() != null && other.getTextHash() != null;
    boolean beside = against.equals(CONTROL_REPLAYED);
    Judgement judgement = beside ? result.getJudgement() : null;
    boolean reasons = ours.getFinishReason() != null && theirs.getFinishReason() != null;
    return Comparison.newBuilder()
        .setRequestId(result.getRequestId())
        .setAt(result.getAt())
        .setRollout(result.getRollout())
        .setRun(result.getRun())
        .setStage(result.getStage())
        .setUnit(result.getUnit())
        .setCandidateVariant(candidate.getVariant())
        .setAgainst(against)
        .setCandidateFailed(Outcomes.failed(ours.getOutcome()))
        .setOtherFailed(Outcomes.failed(theirs.getOutcome()))
        .setCandidateRefused(ours.getRefusal())
        .setOtherRefused(theirs.getRefusal())
        .setDurationRatio(
            answered ? ratio(ours.getDurationMicros(), theirs.getDurationMicros()) : null)
        .setTtftRatio(answered ? ratio(ours.getTtftMicros(), theirs.getTtftMicros()) : null)
        .setCompletionTokenRatio(
            answered ? ratio(ours.getCompletionTokens(), theirs.getCompletionTokens()) : null)
        .setLengthRatio(
            answered
                ? ratio(asLong(candidate.getTextLength()), asLong(other.getTextLength()))
                : null)
        .setEqualText(texts ? candidate.getTextHash().equals(other.getTextHash()) : null)
        .setCandidateJson(candidate.getTextHash() == null ? null : candidate.getJson())
        .setOtherJson(other.getTextHash() == null ? null : other.getJson())
        .setSameFinishReason(
            reasons ? ours.getFinishReason().equals(theirs.getFinishReason()) : null)
        .setSimilarity(
            against.equals(SERVED) ? result.getSimilarity() : result.getControlSimilarity())
        .setNoiseSimilarity(result.getNoiseSimilarity())
        .setCandidateHas(pair == null ? Map.of() : pair.events(true))
        .setOtherHas(pair == null ? Map.of() : pair.events(false))
        .setSameWords(pair == null ? null : pair.sameWords())
        .setSameTools(pair == null ? null : pair.sameTools())
        .setSameArguments(pair == null ? null : pair.sameArguments())
        .setSegments(result.getAsked() == null ? List.of() : result.getAsked().getSegments())
        .setBackfill(result.getBackfill())
        .setSemanticSimilarity(beside ? result.getSemanticSimilarity() : null)
        .setSemanticNoise(beside ? result.getSemanticNoise() : null)
        .setJudged(judgement == null ? null : judgement.getBetter())
        .setJudgePrompt(judgement == null ? null : judgement.getPrompt())
        .build();
  }

  private static @Nullable Long asLong(@Nullable Integer value) {
    return value == null ? null : value.longValue();
  }

  /** Null where either is absent, or not above 0: a ratio needs both. */
  private static @Nullable Double ratio(@Nullable Long candidate, @Nullable Long other) {
    return candidate == null || other == null || candidate <= 0 || other <= 0
        ? null
        : (double) candidate / other;
  }
}
