package io.serin.analytics.streams;

import io.serin.comparison.Metric;
import io.serin.comparison.PairDifference;
import io.serin.comparison.answer.Answered;
import io.serin.comparison.answer.Markdown;
import io.serin.comparison.answer.Outcome;
import io.serin.comparison.answer.Pair;
import io.serin.comparison.answer.Question;
import io.serin.comparison.answer.Traits;
import io.serin.comparison.review.Judgement;
import io.serin.comparison.review.Review;
import io.serin.refusals.Refusal;
import io.serin.schemas.AnswerDifference;
import io.serin.schemas.AnswerTraits;
import io.serin.schemas.AskedFor;
import io.serin.schemas.Measurement;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.ShadowSide;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Pure: the pairs of a shadow result as the comparison library knows them, without a text. What
 * only texts can tell, the worker has told.
 */
public final class RecordedPairs {
  private RecordedPairs() {}

  /** Candidate against what was served; empty where the record does not tell. */
  public static Optional<PairDifference> served(ShadowResult result) {
    return of(result, result.getServed(), result.getServedDifference(), null, Review.NONE);
  }

  /** Candidate against control replayed beside it; empty where the record does not tell. */
  public static Optional<PairDifference> control(ShadowResult result) {
    ShadowSide control = result.getControl();
    return control == null
        ? Optional.empty()
        : of(
            result,
            control,
            result.getControlDifference(),
            result.getNoiseSimilarity(),
            review(result));
  }

  /** The events that a side has or has not, by the metric's name, sorted. */
  public static Map<String, Boolean> events(PairDifference pair, boolean ofCandidate) {
    Map<String, Boolean> events = new TreeMap<>();
    for (Metric metric : Metric.values()) {
      if (metric.kind() == Metric.Kind.EVENT) {
        Boolean has = pair.event(metric, ofCandidate);
        if (has != null) {
          events.put(metric.id(), has);
        }
      }
    }
    return events;
  }

  private static Optional<PairDifference> of(
      ShadowResult result,
      ShadowSide other,
      @Nullable AnswerDifference difference,
      @Nullable Double noise,
      Review review) {
    AskedFor asked = result.getAsked();
    ShadowSide candidate = result.getCandidate();
    if (result.getSkipped() != null || asked == null || difference == null) {
      return Optional.empty();
    }
    AnswerTraits ours = candidate.getTraits();
    AnswerTraits theirs = other.getTraits();
    Answered left = answered(other);
    Answered right = answered(candidate);
    if (ours == null || theirs == null || left == null || right == null) {
      return Optional.empty();
    }
    // A call of a tool that one side is not known to have made says nothing.
    boolean tools = ours.getToolCalls() != null && theirs.getToolCalls() != null;
    Question question =
        new Question(
            result.getRequestId(),
            result.getUnit(),
            "",
            asked.getJsonAsked(),
            asked.getSchemaAsked() ? "{}" : null,
            Map.of());
    return Optional.of(
        new PairDifference(
            new Pair(question, left, right, null),
            traits(other, theirs, left.outcome(), tools),
            traits(candidate, ours, right.outcome(), tools),
            difference.getEqualText(),
            difference.getSameWords(),
            difference.getSimilarity(),
            noise,
            difference.getSameFinishReason(),
            difference.getSameTools(),
            difference.getSameArguments(),
            List.copyOf(asked.getSegments()),
            asked.getLanguage(),
            review));
  }

  private static Review review(ShadowResult result) {
    Double atLeast = result.getSemanticAtLeast();
    return new Review(
        result.getSemanticSimilarity(),
        result.getSemanticNoise(),
        atLeast == null ? 0 : atLeast,
        result.getJudgement() == null ? null : better(result.getJudgement().getBetter()));
  }

  /** The judge's word; null where a newer worker knows one that this one does not. */
  public static Judgement.@Nullable Better better(String word) {
    return switch (word) {
      case "candidate" -> Judgement.Better.CANDIDATE;
      case "other" -> Judgement.Better.CONTROL;
      case "tie" -> Judgement.Better.TIE;
      case "swayed" -> Judgement.Better.SWAYED;
      case "unreadable" -> Judgement.Better.UNREADABLE;
      default -> null;
    };
  }

  private static @Nullable Answered answered(ShadowSide side) {
    Measurement measurement = side.getMeasurement();
    Outcome outcome =
        switch (measurement.getOutcome()) {
          case OK -> Outcome.ANSWERED;
          case EMPTY -> Outcome.EMPTY;
          case HTTP_ERROR, CONNECT_ERROR, TIMEOUT, CUT, MALFORMED -> Outcome.FAILED;
          case CANCELLED, REJECTED, ROUTER_DIED, UNKNOWN -> null;
        };
    return outcome == null
        ? null
        : new Answered(
            outcome,
            null,
            List.of(),
            measurement.getDurationMicros() / 1_000.0,
            measurement.getTtftMicros() == null ? null : measurement.getTtftMicros() / 1_000.0,
            measurement.getCompletionTokens(),
            measurement.getFinishReason());
  }

  private static Traits traits(
      ShadowSide side, AnswerTraits traits, Outcome outcome, boolean tools) {
    Integer calls = traits.getToolCalls();
    return new Traits(
        outcome,
        refusal(traits.getRefusal()),
        traits.getJson(),
        traits.getSchemaKept(),
        tools && calls != null ? calls : 0,
        tools ? traits.getToolsReadable() : null,
        traits.getLanguage(),
        markdown(traits),
        traits.getCutShort(),
        side.getTextLength());
  }

  private static @Nullable Markdown markdown(AnswerTraits traits) {
    Integer items = traits.getListItems();
    Integer headings = traits.getHeadings();
    Boolean bold = traits.getBold();
    Integer tables = traits.getTableLines();
    Integer blocks = traits.getCodeBlocks();
    Boolean open = traits.getOpenFence();
    return items == null
            || headings == null
            || bold == null
            || tables == null
            || blocks == null
            || open == null
        ? null
        : new Markdown(items, headings, bold, tables, blocks, open);
  }

  /** A degree that a newer worker knows is none that this one can compare. */
  private static @Nullable Refusal refusal(@Nullable String name) {
    for (Refusal each : Refusal.values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(name)) {
        return each;
      }
    }
    return null;
  }
}
