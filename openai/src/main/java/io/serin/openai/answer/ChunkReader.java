package io.serin.openai.answer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.serin.openai.Json;
import io.serin.openai.OpenAiError;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the chunks of one answer, or its one body, in one pass without a tree. The switch over the
 * outermost fields says which dialect owns which field; unknown fields are skipped. An answer may
 * mix dialects, as llama.cpp does when it adds its timings to chat completions.
 */
final class ChunkReader {

  final AnswerBuilder answer;
  private final ContentParts parts;
  private final ChatDialect chat;
  private final MessagesDialect messages;
  private final ResponsesDialect responses;
  private final LlamaDialect llama;
  private boolean any;

  ChunkReader(boolean streamed, int maxTextChars) {
    answer = new AnswerBuilder(maxTextChars);
    parts = new ContentParts(answer);
    chat = new ChatDialect(answer, parts);
    messages = new MessagesDialect(answer);
    responses = new ResponsesDialect(streamed, answer, parts);
    llama = new LlamaDialect(answer);
  }

  /**
   * Reads one chunk.
   *
   * @param eventName of the event that carries it, or null
   * @return why the JSON is not a chunk of an answer, or null
   */
  @Nullable String read(byte[] bytes, int offset, int length, @Nullable String eventName)
      throws IOException {
    any = true;
    try (JsonParser json = Json.parser(bytes, offset, length)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return "not a JSON object";
      }
      root(json, eventName);
      return json.nextToken() == null ? null : "text after the JSON object";
    } catch (NotAChunkException e) {
      return e.reason();
    }
  }

  /** True once a chunk came, whatever it was. */
  boolean any() {
    return any;
  }

  /**
   * An object of the outermost level, or one that wraps it: Anthropic's "message", OpenAI's
   * "response".
   */
  private void root(JsonParser json, @Nullable String eventName) throws IOException {
    String type = eventName;
    String object = null;
    String message = null;
    String code = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      switch (name) {
        // Common.
        case "id" -> answer.id(JsonValues.string(json));
        case "model" -> answer.model(JsonValues.string(json));
        case "system_fingerprint" -> answer.systemFingerprint(JsonValues.string(json));
        case "object" -> object = JsonValues.string(json);
        case "code" -> code = JsonValues.scalar(json);
        case "error" -> error(json);
        case "usage" -> answer.usage.read(json);
        case "x_groq" -> answer.usage.inside(json);
        case "type" -> {
          if (value == JsonToken.VALUE_STRING) {
            type = json.getText();
            messages.type(type);
            responses.type(type);
          } else {
            json.skipChildren();
          }
        }
        case "message" -> {
          if (value == JsonToken.START_OBJECT) {
            root(json, null);
          } else {
            message = JsonValues.string(json);
          }
        }
        case "response" -> {
          if (value == JsonToken.START_OBJECT) {
            root(json, null);
          } else {
            json.skipChildren();
          }
        }
        case "delta" -> {
          switch (value) {
            case START_OBJECT -> messages.delta(json);
            case VALUE_STRING -> responses.delta(json, type);
            default -> json.skipChildren();
          }
        }
        // Chat completions and completions.
        case "choices" -> chat.choices(json);
        // Embeddings.
        case "data" -> {
          if (value == JsonToken.START_ARRAY) {
            answer.recognise();
          }
          if (JsonValues.hasElements(json)) {
            answer.otherContent();
          }
        }
        // Anthropic's messages; a string as content is llama.cpp's.
        case "content" -> parts.content(json);
        case "content_block" -> parts.part(json);
        case "stop_reason" -> messages.stopReason(json);
        // OpenAI's responses.
        case "item" -> responses.item(json, type);
        case "output" -> responses.output(json, type);
        case "status" -> responses.status(json);
        case "incomplete_details" -> responses.incompleteDetails(json);
        // llama.cpp.
        case "stop" -> llama.stop(json);
        case "stop_type" -> llama.stopType(json);
        case "stopped_limit" -> llama.stoppedLimit(json);
        case "timings" -> answer.usage.timings(json);
        case "tokens_predicted", "tokens_evaluated", "tokens_cached" ->
            answer.usage.flat(json, name);
        default -> json.skipChildren();
      }
    }
    if (!answer.hasError()
        && message != null
        && ("error".equals(object) || "error".equals(type) || "error".equals(eventName))) {
      answer.error(new OpenAiError(message, type == null ? "error" : type, null, code, 0));
    }
  }

  private void error(JsonParser json) throws IOException {
    switch (json.currentToken()) {
      case VALUE_STRING -> {
        // Some servers write an empty error beside a good answer.
        if (json.getTextLength() > 0) {
          answer.error(new OpenAiError(json.getText(), "error", null, null, 0));
        }
      }
      case START_OBJECT -> {
        String message = null;
        String type = null;
        String param = null;
        String code = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String name = json.currentName();
          json.nextToken();
          String value = JsonValues.scalar(json);
          switch (name) {
            case "message" -> message = value;
            case "type" -> type = value;
            case "param" -> param = value;
            case "code" -> code = value;
            default -> {}
          }
        }
        answer.error(
            new OpenAiError(
                message == null ? "the error has no message" : message,
                type == null ? "error" : type,
                param,
                code,
                0));
      }
      default -> json.skipChildren();
    }
  }
}
