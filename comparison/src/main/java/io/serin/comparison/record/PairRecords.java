package io.serin.comparison.record;

import io.serin.comparison.PairDifference;
import io.serin.comparison.answer.AnswerOutcome;
import io.serin.comparison.answer.Answered;
import io.serin.comparison.answer.Markdown;
import io.serin.comparison.answer.Pair;
import io.serin.comparison.answer.Question;
import io.serin.comparison.answer.ToolCall;
import io.serin.comparison.answer.Traits;
import io.serin.comparison.review.Judgement.Better;
import io.serin.comparison.review.Review;
import io.serin.refusals.Refusal;
import io.serin.schemas.AnswerDifference;
import io.serin.schemas.AnswerTraits;
import io.serin.schemas.AskedFor;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcomes;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.ShadowSide;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Pairs as records and back, without a text: the one place that knows both forms. What is read was
 * written by a worker of any version: a word that is not known is read as null.
 */
public final class PairRecords {
  private PairRecords() {}

  /**
   * A side as the comparison takes it; null when asking had no outcome of its own: the client left,
   * or no model was asked.
   *
   * @param calls null when they are not known
   */
  public static @Nullable Answered answered(
      Measurement measurement, @Nullable String text, @Nullable List<ToolCall> calls) {
    AnswerOutcome outcome =
        switch (measurement.getOutcome()) {
          case OK -> AnswerOutcome.ANSWERED;
          case EMPTY -> AnswerOutcome.EMPTY;
          case HTTP_ERROR,
              CONNECT_ERROR,
              TIMEOUT,
              CUT,
              MALFORMED,
              CANCELLED,
              REJECTED,
              ROUTER_DIED,
              UNKNOWN ->
              Outcomes.failed(measurement.getOutcome()) ? AnswerOutcome.FAILED : null;
        };
    return outcome == null
        ? null
        : new Answered(
            outcome,
            text,
            calls == null ? List.of() : calls,
            measurement.getDurationMicros() / 1_000.0,
            measurement.getTtftMicros() == null ? null : measurement.getTtftMicros() / 1_000.0,
            measurement.getCompletionTokens(),
            measurement.getFinishReason());
  }

  /**
   * The traits of a side.
   *
   * @param tools whether its tool calls are known
   */
  public static AnswerTraits traits(Traits traits, boolean tools) {
    Markdown markdown = traits.markdown();
    return AnswerTraits.newBuilder()
        .setRefusal(traits.refusal() == null ? null : word(traits.refusal()))
        .setJson(traits.json())
        .setSchemaKept(traits.schemaKept())
        .setToolCalls(tools ? Integer.valueOf(traits.toolCalls()) : null)
        .setToolsReadable(tools ? traits.toolsReadable() : null)
        .setLanguage(traits.language())
        .setCutShort(traits.cutShort())
        .setListItems(markdown == null ? null : markdown.listItems())
        .setHeadings(markdown == null ? null : markdown.headings())
        .setBold(markdown == null ? null : markdown.bold())
        .setTableLines(markdown == null ? null : markdown.tables())
        .setCodeBlocks(markdown == null ? null : markdown.codeBlocks())
        .setOpenFence(markdown == null ? null : markdown.openFence())
        .build();
  }

  /**
   * How the sides differ.
   *
   * @param tools whether the tool calls of both are known
   */
  public static AnswerDifference difference(PairDifference pair, boolean tools) {
    return AnswerDifference.newBuilder()
        .setEqualText(pair.equal())
        .setSameWords(pair.sameWords())
        .setSimilarity(pair.similarity())
        .setSameFinishReason(pair.sameFinishReason())
        .setSameTools(tools ? pair.sameTools() : null)
        .setSameArguments(tools ? pair.sameArguments() : null)
        .build();
  }

  /** What the question asked for. */
  public static AskedFor asked(Question question, PairDifference pair) {
    return AskedFor.newBuilder()
        .setJsonAsked(question.json())
        .setSchemaAsked(question.schema() != null)
        .setLanguage(pair.asked())
        .setSegments(pair.segments())
        .build();
  }

  /** A judge's word. */
  public static String word(Better better) {
    return better == Better.CONTROL ? "other" : better.name().toLowerCase(Locale.ROOT);
  }

  /** A judge's word, or null when it is not known. */
  public static @Nullable Better better(String word) {
    for (Better each : Better.values()) {
      if (word(each).equals(word)) {
        return each;
      }
    }
    return null;
  }

  /** Candidate against what was served; empty when the record holds no differences of it. */
  public static Optional<PairDifference> served(ShadowResult result) {
    return pair(result, result.getServed(), result.getServedDifference(), null, Review.NONE);
  }

  /** Candidate against control replayed beside it; empty when the record holds no differences. */
  public static Optional<PairDifference> control(ShadowResult result) {
    ShadowSide control = result.getControl();
    return control == null
        ? Optional.empty()
        : pair(
            result,
            control,
            result.getControlDifference(),
            result.getNoiseSimilarity(),
            review(result));
  }

  private static Optional<PairDifference> pair(
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
    Answered left = answered(other.getMeasurement(), null, null);
    Answered right = answered(candidate.getMeasurement(), null, null);
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

  private static Traits traits(
      ShadowSide side, AnswerTraits traits, AnswerOutcome outcome, boolean tools) {
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

  private static String word(Refusal refusal) {
    return refusal.name().toLowerCase(Locale.ROOT);
  }

  private static @Nullable Refusal refusal(@Nullable String word) {
    for (Refusal each : Refusal.values()) {
      if (word(each).equals(word)) {
        return each;
      }
    }
    return null;
  }
}
