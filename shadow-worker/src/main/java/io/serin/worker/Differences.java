package io.serin.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.serin.comparison.PairDifference;
import io.serin.comparison.answer.Answered;
import io.serin.comparison.answer.JsonCheck;
import io.serin.comparison.answer.Pair;
import io.serin.comparison.answer.Question;
import io.serin.comparison.answer.ToolCall;
import io.serin.comparison.record.PairRecords;
import io.serin.comparison.review.JudgePrompt;
import io.serin.comparison.review.Review;
import io.serin.openai.BodyPatch;
import io.serin.openai.CompletionRequest;
import io.serin.schemas.CapturedPayload;
import io.serin.schemas.Judgement;
import io.serin.schemas.Measurement;
import io.serin.schemas.ShadowResult;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says what the answers of a pair are like and how they differ, by the comparison library, where
 * both texts are at hand; what it says holds no text. Thread-safe.
 */
final class Differences {
  private final PairDifference.Comparer comparer = new PairDifference.Comparer();

  /** What a request asks for, as both sides were asked. */
  static Question question(CapturedPayload payload, CompletionRequest request, BodyPatch force) {
    JsonNode format = format(request.rewrite(force));
    String type = format.path("type").asText("");
    JsonNode chat = format.path("json_schema").path("schema");
    JsonNode schema = chat.isObject() ? chat : format.path("schema");
    String last = request.lastUserText();
    return new Question(
        payload.getRequestId(),
        payload.getUnit(),
        last.isEmpty() ? request.promptText() : last,
        type.equals("json_object") || type.equals("json_schema"),
        schema.isObject() ? schema.toString() : null,
        labels(payload));
  }

  private static Map<String, String> labels(CapturedPayload payload) {
    String tenant = payload.getTenant();
    return tenant == null
        ? Map.of("endpoint", payload.getEndpoint())
        : Map.of("endpoint", payload.getEndpoint(), "tenant", tenant);
  }

  /** The form that the body asks for: response_format, or text.format of the responses API. */
  private static JsonNode format(byte[] body) {
    JsonNode read = JsonCheck.read(new String(body, StandardCharsets.UTF_8));
    if (read == null) {
      return MissingNode.getInstance();
    }
    JsonNode chat = read.path("response_format");
    return chat.isObject() ? chat : read.path("text").path("format");
  }

  /**
   * Adds the pair's differences to its result.
   *
   * @return whether they tell something that an example could show
   */
  boolean tell(
      ShadowResult.Builder result,
      Question question,
      Measurement served,
      @Nullable String servedText,
      Replayed candidate,
      @Nullable Replayed control,
      Reviewer.Found found) {
    boolean telling = false;
    Answered ours = answered(candidate.first());
    Answered live = PairRecords.answered(served, servedText, null);
    if (live != null && ours != null) {
      PairDifference against = comparer.compare(new Pair(question, live, ours, null));
      result.getServed().setTraits(PairRecords.traits(against.control(), false));
      result.getCandidate().setTraits(PairRecords.traits(against.candidate(), true));
      result.setServedDifference(PairRecords.difference(against, false));
      result.setSimilarity(against.similarity());
      result.setAsked(PairRecords.asked(question, against));
      telling |= against.isTelling();
    }
    Pair pair = beside(question, candidate, control);
    if (control != null && pair != null) {
      PairDifference against = comparer.compare(pair).with(found.review());
      result.getControl().setTraits(PairRecords.traits(against.control(), known(control.first())));
      result
          .getCandidate()
          .setTraits(PairRecords.traits(against.candidate(), known(candidate.first())));
      result.setControlDifference(
          PairRecords.difference(against, known(control.first()) && known(candidate.first())));
      result.setControlSimilarity(against.similarity());
      result.setNoiseSimilarity(against.noise());
      review(result, found);
      result.setAsked(PairRecords.asked(question, against));
      telling |= against.isTelling();
    }
    return telling;
  }

  /** Candidate and control replayed beside it; null where either has no outcome of its own. */
  static @Nullable Pair beside(Question question, Replayed candidate, @Nullable Replayed control) {
    Answered ours = answered(candidate.first());
    Answered theirs = control == null ? null : answered(control.first());
    if (control == null || ours == null || theirs == null) {
      return null;
    }
    Answered again = control.more().isEmpty() ? null : answered(control.more().getFirst());
    return new Pair(question, theirs, ours, again);
  }

  private static void review(ShadowResult.Builder result, Reviewer.Found found) {
    Review review = found.review();
    if (review.likeness() != null) {
      result.setSemanticSimilarity(review.likeness());
      result.setSemanticNoise(review.noise());
      result.setSemanticAtLeast(review.atLeast());
    }
    io.serin.comparison.review.Judgement judgement = found.judgement();
    if (judgement != null) {
      result.setJudgement(
          Judgement.newBuilder()
              .setAgainst("control-replayed")
              .setBetter(PairRecords.word(judgement.better()))
              .setPrompt(JudgePrompt.CURRENT.version())
              .setModel(String.valueOf(found.model()))
              .setPromptTokens(judgement.promptTokens())
              .setCompletionTokens(judgement.completionTokens())
              .setCost(found.ofJudge().unpriced() > 0 ? null : found.ofJudge().cost())
              .build());
    }
  }

  private static boolean known(Replayed.Asked side) {
    return side.toolCalls() != null;
  }

  private static @Nullable Answered answered(Replayed.Asked side) {
    return PairRecords.answered(side.measurement(), side.text(), calls(side.toolCalls()));
  }

  private static @Nullable List<ToolCall> calls(
      @Nullable List<io.serin.openai.answer.ToolCall> calls) {
    return calls == null
        ? null
        : calls.stream().map(call -> new ToolCall(call.name(), call.arguments())).toList();
  }
}
