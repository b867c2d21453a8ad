package io.serin.rehearsal.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a model server reads of a request. Its text form tells no prompt.
 *
 * @param context everything the model is told, for counting tokens and for the prompt cache
 * @param question what the recorded answer is looked up by: the last message of the user, or the
 *     prompt
 * @param maxTokens at least 1; {@link Integer#MAX_VALUE} where the request sets none
 */
record ModelRequest(
    boolean chat,
    String model,
    String context,
    String question,
    boolean streamed,
    boolean includeUsage,
    int maxTokens) {

  /** The request is not what OpenAI's API asks for. */
  static final class BadRequest extends Exception {
    private static final long serialVersionUID = 1L;
    private final String param;

    BadRequest(String param, String message) {
      super(message);
      this.param = param;
    }

    String param() {
      return param;
    }
  }

  private static final ObjectMapper JSON = new ObjectMapper();

  static ModelRequest parse(boolean chat, byte[] body) throws BadRequest {
    JsonNode root;
    try {
      root = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new BadRequest("", "The body is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new BadRequest("", "The body cannot be read");
    }
    if (root == null || !root.isObject()) {
      throw new BadRequest("", "The body must be a JSON object");
    }
    if (!root.path("model").isTextual()) {
      throw new BadRequest("model", "model: must be a string");
    }
    if (root.path("n").asInt(1) != 1) {
      throw new BadRequest("n", "n: only 1 choice is recorded");
    }
    List<String> texts = chat ? messages(root) : List.of(prompt(root));
    JsonNode limit =
        root.has("max_completion_tokens")
            ? root.get("max_completion_tokens")
            : root.path("max_tokens");
    if (limit.isNumber() && limit.asInt() < 1) {
      throw new BadRequest("max_tokens", "max_tokens: must be at least 1");
    }
    return new ModelRequest(
        chat,
        root.get("model").textValue(),
        String.join("\n", texts),
        chat ? question(root.path("messages")) : texts.getFirst(),
        root.path("stream").asBoolean(false),
        root.path("stream_options").path("include_usage").asBoolean(false),
        limit.isNumber() ? limit.asInt() : Integer.MAX_VALUE);
  }

  private static List<String> messages(JsonNode root) throws BadRequest {
    JsonNode messages = root.path("messages");
    if (!messages.isArray() || messages.isEmpty()) {
      throw new BadRequest("messages", "messages: must be an array with at least one message");
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode message : messages) {
      texts.add(text(message.path("content")));
    }
    return texts;
  }

  private static String question(JsonNode messages) {
    String question = "";
    for (JsonNode message : messages) {
      if (message.path("role").asText().equals("user")) {
        question = text(message.path("content"));
      }
    }
    return question;
  }

  private static String text(JsonNode content) {
    if (content.isTextual()) {
      return content.textValue();
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode part : content) {
      text.append(part.path("text").asText());
    }
    return text.toString();
  }

  private static String prompt(JsonNode root) throws BadRequest {
    JsonNode prompt = root.path("prompt");
    if (prompt.isArray() && prompt.size() == 1) {
      prompt = prompt.get(0);
    }
    if (!prompt.isTextual()) {
      throw new BadRequest("prompt", "prompt: must be a string, or an array of one string");
    }
    return prompt.textValue();
  }

  @Override
  public String toString() {
    return "ModelRequest[chat=%s, model=%s, context=%d characters, streamed=%s]"
        .formatted(chat, model, context.length(), streamed);
  }
}
