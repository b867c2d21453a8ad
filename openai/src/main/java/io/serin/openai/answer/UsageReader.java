package io.serin.openai.answer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the token counts of an answer in the spellings that servers have. The last word on each
 * count stands: vLLM can repeat the usage on every chunk, Anthropic gives the prompt first and the
 * answer last.
 *
 * <ul>
 *   <li>OpenAI, vLLM: usage.prompt_tokens, completion_tokens, prompt_tokens_details.cached_tokens,
 *       completion_tokens_details.reasoning_tokens
 *   <li>OpenAI's responses: usage.input_tokens, output_tokens, input_tokens_details,
 *       output_tokens_details
 *   <li>Anthropic: usage.input_tokens, which leaves out cache_read_input_tokens and
 *       cache_creation_input_tokens; the prompt is the sum of the three
 *   <li>DeepSeek: usage.prompt_cache_hit_tokens
 *   <li>llama.cpp: timings.prompt_n (evaluated) + cache_n (from the cache) = the prompt,
 *       predicted_n; its own endpoint: tokens_evaluated (the whole prompt), tokens_predicted, and
 *       tokens_cached, which counts what the context holds when the answer ends, so that it tells
 *       cached prompt tokens only where it is below tokens_evaluated
 * </ul>
 */
final class UsageReader {

  private @Nullable Long prompt;
  private @Nullable Long completion;
  private @Nullable Long reasoning;
  private @Nullable Long cached;
  private @Nullable Long anthropicInput;
  private @Nullable Long cacheRead;
  private @Nullable Long cacheCreation;
  private @Nullable Long promptEvaluated;
  private @Nullable Long promptFromCache;
  private @Nullable Long predicted;
  private @Nullable Long flatEvaluated;
  private @Nullable Long flatPredicted;
  private @Nullable Long flatCached;

  /** Reads a usage object, with the parser on its first token; anything else is skipped. */
  void read(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      switch (name) {
        case "prompt_tokens" -> prompt = count(json, prompt);
        case "completion_tokens", "output_tokens" -> completion = count(json, completion);
        case "input_tokens" -> anthropicInput = count(json, anthropicInput);
        case "cache_read_input_tokens" -> cacheRead = count(json, cacheRead);
        case "cache_creation_input_tokens" -> cacheCreation = count(json, cacheCreation);
        case "prompt_cache_hit_tokens", "cached_tokens" -> cached = count(json, cached);
        case "reasoning_tokens" -> reasoning = count(json, reasoning);
        case "prompt_tokens_details",
            "input_tokens_details",
            "completion_tokens_details",
            "output_tokens_details" ->
            details(json);
        default -> json.skipChildren();
      }
    }
  }

  /** Reads an object that holds a "usage", as Groq's x_groq does. */
  void inside(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      boolean usage = json.currentName().equals("usage");
      json.nextToken();
      if (usage) {
        read(json);
      } else {
        json.skipChildren();
      }
    }
  }

  /** Reads llama.cpp's timings. */
  void timings(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      switch (name) {
        case "prompt_n" -> promptEvaluated = count(json, promptEvaluated);
        case "cache_n" -> promptFromCache = count(json, promptFromCache);
        case "predicted_n" -> predicted = count(json, predicted);
        default -> json.skipChildren();
      }
    }
  }

  /** Reads one of the counts of llama.cpp's own endpoint. */
  void flat(JsonParser json, String name) throws IOException {
    switch (name) {
      case "tokens_evaluated" -> flatEvaluated = count(json, flatEvaluated);
      case "tokens_predicted" -> flatPredicted = count(json, flatPredicted);
      case "tokens_cached" -> flatCached = count(json, flatCached);
      default -> json.skipChildren();
    }
  }

  Usage usage() {
    Long input = promptTokens();
    Long output = completionTokens();
    Long cached = cachedTokens();
    return input == null && output == null && reasoning == null && cached == null
        ? Usage.NONE
        : new Usage(input, output, reasoning, cached);
  }

  private @Nullable Long promptTokens() {
    if (prompt != null) {
      return prompt;
    }
    if (anthropicInput != null) {
      return anthropicInput + orZero(cacheRead) + orZero(cacheCreation);
    }
    if (flatEvaluated != null) {
      return flatEvaluated;
    }
    // Without cache_n, prompt_n alone may be only what the cache did not hold.
    return promptEvaluated == null || promptFromCache == null
        ? null
        : promptEvaluated + promptFromCache;
  }

  private @Nullable Long completionTokens() {
    if (completion != null) {
      return completion;
    }
    return flatPredicted == null ? predicted : flatPredicted;
  }

  private @Nullable Long cachedTokens() {
    if (cached != null) {
      return cached;
    }
    if (cacheRead != null) {
      return cacheRead;
    }
    if (promptFromCache != null) {
      return promptFromCache;
    }
    Long whole = promptTokens();
    if (whole != null && promptEvaluated != null && promptEvaluated <= whole) {
      return whole - promptEvaluated;
    }
    return whole != null && flatCached != null && flatCached < whole ? flatCached : null;
  }

  private void details(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      return;
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      switch (name) {
        case "cached_tokens" -> cached = count(json, cached);
        case "reasoning_tokens" -> reasoning = count(json, reasoning);
        default -> json.skipChildren();
      }
    }
  }

  /** The number here, where it is one that counts; else what was known before. */
  private static @Nullable Long count(JsonParser json, @Nullable Long before) throws IOException {
    if (json.currentToken().isNumeric()) {
      double value = json.getDoubleValue();
      return value >= 0 && value <= 1L << 53 ? (Long) (long) value : before;
    }
    json.skipChildren();
    return before;
  }

  private static long orZero(@Nullable Long value) {
    return value == null ? 0 : value;
  }
}
