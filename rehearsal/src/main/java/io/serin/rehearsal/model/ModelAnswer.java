package io.serin.rehearsal.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.serin.openai.answer.Usage;
import io.serin.rehearsal.fault.Injection;
import io.serin.rehearsal.recorded.RecordedAnswers;
import java.util.ArrayList;
import java.util.List;

/**
 * What a model server is about to say. Its text form tells nothing of it.
 *
 * @param tokens the answer's pieces; none for an empty answer
 * @param finishReason stop or length
 */
record ModelAnswer(List<String> tokens, String finishReason, int promptTokens, int cachedTokens) {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final List<String> REFUSALS =
      List.of(
          "I'm sorry, but I can't help with that.",
          "I cannot assist with that request.",
          "I'm unable to help with this request.",
          "I can't help with that. If there is something else you need, please let me know.");

  /** The recorded answer with what the injection makes of it. */
  static ModelAnswer of(
      ModelRequest request,
      RecordedAnswers recorded,
      Injection injection,
      int promptTokens,
      int cachedTokens) {
    List<String> tokens = new ArrayList<>();
    if (injection.refusal()) {
      int which = Math.floorMod(request.question().hashCode(), REFUSALS.size());
      tokens.addAll(Tokens.split(REFUSALS.get(which)));
    } else if (!injection.empty()) {
      String text = recorded.answer(request.question()).text();
      String whole = text.stripTrailing();
      // Without its last bracket.
      String spoken = injection.brokenJson() ? whole.substring(0, whole.length() - 1) : text;
      List<String> once = Tokens.split(spoken);
      long length = Math.round(once.size() * injection.tokens());
      for (long i = 0; i < length; i++) {
        tokens.add(once.get((int) (i % once.size())));
      }
    }
    boolean cut = tokens.size() > request.maxTokens();
    List<String> said = cut ? tokens.subList(0, request.maxTokens()) : tokens;
    return new ModelAnswer(List.copyOf(said), cut ? "length" : "stop", promptTokens, cachedTokens);
  }

  /** Whether the answer that was recorded is one JSON object or array. */
  static boolean isJson(ModelRequest request, RecordedAnswers recorded) {
    String text = recorded.answer(request.question()).text().strip();
    try {
      return (text.startsWith("{") || text.startsWith("["))
          && JSON.readTree(text).isContainerNode();
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  String text() {
    return String.join("", tokens);
  }

  Usage usage(boolean cacheReported) {
    Usage usage = Usage.of(promptTokens, tokens.size());
    return cacheReported ? usage.withCached(cachedTokens) : usage;
  }

  @Override
  public String toString() {
    return "ModelAnswer[" + tokens.size() + " tokens, " + finishReason + "]";
  }
}
