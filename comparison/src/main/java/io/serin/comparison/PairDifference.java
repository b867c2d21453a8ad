package io.serin.comparison;

import io.serin.comparison.answer.AnswerOutcome;
import io.serin.comparison.answer.Answered;
import io.serin.comparison.answer.JsonCheck;
import io.serin.comparison.answer.Languages;
import io.serin.comparison.answer.Pair;
import io.serin.comparison.answer.Question;
import io.serin.comparison.answer.Segments;
import io.serin.comparison.answer.ToolCall;
import io.serin.comparison.answer.Traits;
import io.serin.comparison.answer.Words;
import io.serin.comparison.review.Review;
import io.serin.refusals.Refusal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The differences of one pair.
 *
 * @param equal whether the texts are the same to the letter; null where either side has none
 * @param sameWords whether they are but for case, punctuation and space
 * @param similarity lexical, {@link Words#similarity}
 * @param noise the same of control and control asked again: how alike two answers of one model are
 * @param sameFinishReason null where either side has none
 * @param sameTools whether both call the same tools in the same order; null where neither calls
 * @param sameArguments whether with the same arguments, as JSON; null where not the same tools
 * @param segments of the question, as dimension=value
 * @param asked the question's language; null where it cannot be told
 * @param review what further models found in it
 */
public record PairDifference(
    Pair pair,
    Traits control,
    Traits candidate,
    @Nullable Boolean equal,
    @Nullable Boolean sameWords,
    @Nullable Double similarity,
    @Nullable Double noise,
    @Nullable Boolean sameFinishReason,
    @Nullable Boolean sameTools,
    @Nullable Boolean sameArguments,
    List<String> segments,
    @Nullable String asked,
    Review review) {

  /** Compares pairs; thread-safe. */
  public static final class Comparer {
    private final Traits.Reader reader = new Traits.Reader();

    public PairDifference compare(Pair pair) {
      Answered control = pair.control();
      Answered candidate = pair.candidate();
      String schema = pair.question().schema();
      Boolean sameTools = sameTools(control, candidate);
      return new PairDifference(
          pair,
          reader.read(control, schema),
          reader.read(candidate, schema),
          both(control, candidate) ? Objects.equals(control.text(), candidate.text()) : null,
          both(control, candidate) ? sameWords(control, candidate) : null,
          similarity(control, candidate),
          pair.again() == null ? null : similarity(control, pair.again()),
          (control.finishReason() == null || candidate.finishReason() == null)
              ? null
              : control.finishReason().equals(candidate.finishReason()),
          sameTools,
          Boolean.TRUE.equals(sameTools) ? sameArguments(control, candidate) : null,
          Segments.keys(pair.question()),
          Languages.of(pair.question().text()),
          Review.NONE);
    }

    private static boolean both(Answered a, Answered b) {
      return a.text() != null && b.text() != null;
    }

    private static boolean sameWords(Answered a, Answered b) {
      return Words.normalised(Objects.requireNonNull(a.text()))
          .equals(Words.normalised(Objects.requireNonNull(b.text())));
    }

    private static @Nullable Double similarity(Answered a, Answered b) {
      return a.text() == null || b.text() == null ? null : Words.similarity(a.text(), b.text());
    }

    private static @Nullable Boolean sameTools(Answered a, Answered b) {
      return (a.toolCalls().isEmpty() && b.toolCalls().isEmpty())
          ? null
          : names(a).equals(names(b));
    }

    private static List<String> names(Answered answer) {
      return answer.toolCalls().stream().map(ToolCall::name).toList();
    }

    private static boolean sameArguments(Answered a, Answered b) {
      for (int i = 0; i < a.toolCalls().size(); i++) {
        String left = a.toolCalls().get(i).arguments();
        String right = b.toolCalls().get(i).arguments();
        if (!left.equals(right)
            && (JsonCheck.read(left) == null
                || !Objects.equals(JsonCheck.read(left), JsonCheck.read(right)))) {
          return false;
        }
      }
      return true;
    }
  }

  /** Whether the pair's texts show a difference that an example could be made of. */
  public boolean isTelling() {
    return Examples.isTelling(this);
  }

  /**
   * With the texts that its traits were read from, for examples.
   *
   * @param asked of the question
   * @param ofControl null where there is none, as of the candidate's
   */
  public PairDifference withTexts(
      String asked, @Nullable String ofControl, @Nullable String ofCandidate) {
    Question question = pair.question();
    return new PairDifference(
        new Pair(
            new Question(
                question.id(),
                question.unit(),
                asked,
                question.json(),
                question.schema(),
                question.labels()),
            pair.control().withText(ofControl),
            pair.candidate().withText(ofCandidate),
            pair.again()),
        control,
        candidate,
        equal,
        sameWords,
        similarity,
        noise,
        sameFinishReason,
        sameTools,
        sameArguments,
        segments,
        this.asked,
        review);
  }

  /** With what further models found in it. */
  public PairDifference with(Review found) {
    return new PairDifference(
        pair,
        control,
        candidate,
        equal,
        sameWords,
        similarity,
        noise,
        sameFinishReason,
        sameTools,
        sameArguments,
        segments,
        asked,
        found);
  }

  /** The same pair with its sides changed. */
  PairDifference swapped() {
    return new PairDifference(
        new Pair(pair.question(), pair.candidate(), pair.control(), null),
        candidate,
        control,
        equal,
        sameWords,
        similarity,
        null,
        sameFinishReason,
        sameTools,
        sameArguments,
        segments,
        asked,
        review.swapped());
  }

  /** The events that a side has or has not, by the metric's id, sorted. */
  public Map<String, Boolean> events(boolean ofCandidate) {
    Map<String, Boolean> events = new TreeMap<>();
    for (ComparedMetric metric : ComparedMetric.values()) {
      Boolean has = metric.kind() == ComparedMetric.Kind.EVENT ? event(metric, ofCandidate) : null;
      if (has != null) {
        events.put(metric.id(), has);
      }
    }
    return events;
  }

  /** Whether a side has an event; null where the pair is not of the kind that could. */
  public @Nullable Boolean event(ComparedMetric metric, boolean ofCandidate) {
    if (metric == ComparedMetric.OTHER_MEANING) {
      return review.otherMeaning(ofCandidate);
    }
    if (metric == ComparedMetric.JUDGED_WORSE) {
      return review.judgedWorse(ofCandidate);
    }
    return event(
        metric,
        ofCandidate ? candidate : control,
        ofCandidate ? control : candidate,
        pair.question(),
        asked);
  }

  /**
   * Whether an answer has an event.
   *
   * @param other the other side's traits: what it did shows what could be done
   */
  static @Nullable Boolean event(
      ComparedMetric metric, Traits own, Traits other, Question question, @Nullable String asked) {
    return switch (metric) {
      case FAILED -> own.outcome() == AnswerOutcome.FAILED;
      case EMPTY ->
          own.outcome() == AnswerOutcome.FAILED ? null : own.outcome() == AnswerOutcome.EMPTY;
      case REFUSED -> own.refusal() == null ? null : own.refusal() == Refusal.FULL;
      case REFUSED_PARTLY -> own.refusal() == null ? null : own.refusal() == Refusal.PARTIAL;
      case JSON_BROKEN ->
          (own.outcome() == AnswerOutcome.FAILED || !jsonExpected(own, other, question))
              ? null
              : !Boolean.TRUE.equals(own.json());
      case SCHEMA_BROKEN ->
          (own.outcome() == AnswerOutcome.FAILED || question.schema() == null)
              ? null
              : own.json() == null ? Boolean.TRUE : not(own.schemaKept());
      case TOOL_MISSING ->
          (own.outcome() == AnswerOutcome.FAILED || own.toolCalls() + other.toolCalls() == 0)
              ? null
              : own.toolCalls() == 0;
      case TOOL_BROKEN -> not(own.toolsReadable());
      case OTHER_LANGUAGE ->
          (asked == null || own.language() == null) ? null : !asked.equals(own.language());
      case CUT_SHORT -> own.cutShort();
      case FENCE_OPEN -> own.markdown() == null ? null : own.markdown().openFence();
      case CODE_BLOCK -> own.markdown() == null ? null : own.markdown().codeBlocks() > 0;
      case LIST -> own.markdown() == null ? null : own.markdown().listItems() > 0;
      case HEADING -> own.markdown() == null ? null : own.markdown().headings() > 0;
      case BOLD -> own.markdown() == null ? null : own.markdown().bold();
      case TABLE -> own.markdown() == null ? null : own.markdown().tables() > 0;
      // Only a pair has them.
      case OTHER_MEANING, JUDGED_WORSE -> null;
      case LATENCY, TTFT, TOKENS, LENGTH ->
          throw new IllegalArgumentException(metric + " is a number, not an event");
    };
  }

  /** A side's number; null where it is absent, not above 0, or there was no answer. */
  @Nullable Double value(ComparedMetric metric, boolean ofCandidate) {
    if (metric == ComparedMetric.LENGTH) {
      Traits own = ofCandidate ? candidate : control;
      Integer length = own.outcome() == AnswerOutcome.ANSWERED ? own.length() : null;
      return length == null || length == 0 ? null : Double.valueOf(length);
    }
    return value(metric, ofCandidate ? pair.candidate() : pair.control());
  }

  static @Nullable Double value(ComparedMetric metric, Answered side) {
    if (side.outcome() != AnswerOutcome.ANSWERED) {
      return null;
    }
    Double value =
        switch (metric) {
          case LATENCY -> side.latencyMillis();
          case TTFT -> side.ttftMillis();
          case TOKENS -> side.completionTokens() == null ? null : (double) side.completionTokens();
          case LENGTH -> side.text() == null ? null : (double) side.text().length();
          default -> throw new IllegalArgumentException(metric + " is an event, not a number");
        };
    return value == null || !(value > 0) ? null : value;
  }

  private static boolean jsonExpected(Traits own, Traits other, Question question) {
    return question.json() || Boolean.TRUE.equals(own.json()) || Boolean.TRUE.equals(other.json());
  }

  private static @Nullable Boolean not(@Nullable Boolean value) {
    return value == null ? null : !value;
  }
}
