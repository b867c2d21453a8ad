package io.serin.rehearsal.model;

import io.serin.openai.CompletionRequest;
import io.serin.openai.Endpoint;
import io.serin.openai.OpenAiError;
import io.serin.openai.OpenAiException;
import org.jspecify.annotations.Nullable;

/**
 * What a model server reads of a request. Its text form tells no prompt.
 *
 * @param context everything the model is told, for counting tokens and for the prompt cache
 * @param question what the recorded answer is looked up by: the last message of the user, or the
 *     prompt
 * @param maxTokens at least 1; {@link Integer#MAX_VALUE} where the request sets none
 */
record ModelRequest(
    Endpoint endpoint,
    String model,
    String context,
    String question,
    boolean streamed,
    boolean includeUsage,
    int maxTokens) {

  /**
   * Reads a body.
   *
   * @throws OpenAiException with status 400 where it is not what OpenAI's API asks for, or asks for
   *     what is not recorded
   */
  static ModelRequest parse(Endpoint endpoint, byte[] body) {
    CompletionRequest request = CompletionRequest.read(endpoint, body);
    String context = request.promptText();
    if (context.isEmpty()) {
      String field = endpoint == Endpoint.COMPLETIONS ? "prompt" : "messages";
      throw bad(field, "'" + field + "' must have text.");
    }
    if (whole(request, "n", 1) != 1) {
      throw bad("n", "'n' must be 1: one answer is recorded for a prompt.");
    }
    int older = whole(request, "max_tokens", Integer.MAX_VALUE);
    return new ModelRequest(
        endpoint,
        request.model(),
        context,
        request.lastUserText(),
        request.stream(),
        request.includeUsage(),
        whole(request, "max_completion_tokens", older));
  }

  private static int whole(CompletionRequest request, String field, int absent) {
    String text = request.field(field);
    if (text == null) {
      return absent;
    }
    if (!text.matches("[1-9]\\d{0,8}")) {
      throw bad(field, "'" + field + "' must be a whole number of at least 1.");
    }
    return Integer.parseInt(text);
  }

  private static OpenAiException bad(@Nullable String param, String message) {
    return new OpenAiException(OpenAiError.invalidRequest(message, param, null));
  }

  @Override
  public String toString() {
    return "ModelRequest[endpoint=%s, model=%s, context=%d characters, streamed=%s]"
        .formatted(endpoint.id(), model, context.length(), streamed);
  }
}
