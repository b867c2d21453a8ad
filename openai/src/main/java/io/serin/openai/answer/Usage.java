package io.serin.openai.answer;

import org.jspecify.annotations.Nullable;

/**
 * What an answer cost, in tokens; null where the server did not say.
 *
 * @param prompt all tokens of the prompt, cached ones included
 * @param completion all tokens of the answer, reasoning included
 * @param reasoning part of completion
 * @param cached part of prompt that the prompt cache served
 */
public record Usage(
    @Nullable Long prompt,
    @Nullable Long completion,
    @Nullable Long reasoning,
    @Nullable Long cached) {

  /** Nothing said. */
  public static final Usage NONE = new Usage(null, null, null, null);

  public static Usage of(long prompt, long completion) {
    return new Usage(prompt, completion, null, null);
  }

  public Usage withCached(long cached) {
    return new Usage(prompt, completion, reasoning, cached);
  }
}
