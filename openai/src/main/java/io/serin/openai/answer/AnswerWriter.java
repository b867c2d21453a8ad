package io.serin.openai.answer;

import com.fasterxml.jackson.core.JsonGenerator;
import io.serin.openai.Endpoint;
import io.serin.openai.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes answers as OpenAI's API does, whole or as the events of a stream, with one choice. One
 * writer is one answer: the id, time and model that all its chunks share. Immutable, for all
 * threads.
 *
 * @param endpoint chat completions or completions
 * @param id the answer's id, such as chatcmpl-…
 * @param created seconds since the epoch
 * @param model the model that answers
 */
public record AnswerWriter(Endpoint endpoint, String id, long created, String model) {

  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

  public AnswerWriter {
    if (endpoint != Endpoint.CHAT_COMPLETIONS && endpoint != Endpoint.COMPLETIONS) {
      throw new IllegalArgumentException(
          "endpoint is " + endpoint.id() + ", must be chat.completions or completions");
    }
  }

  /** The body of a whole answer. */
  public byte[] body(String text, String finishReason, Usage usage) {
    return body(text, null, finishReason, usage);
  }

  /**
   * The body of a whole answer.
   *
   * @param text null where the model refused in the refusal field
   * @param refusal the refusal field of a chat completion
   */
  public byte[] body(
      @Nullable String text, @Nullable String refusal, String finishReason, Usage usage) {
    return Json.write(
        json -> {
          head(json, chat() ? "chat.completion" : "text_completion");
          json.writeArrayFieldStart("choices");
          json.writeStartObject();
          json.writeNumberField("index", 0);
          if (chat()) {
            json.writeObjectFieldStart("message");
            json.writeStringField("role", "assistant");
            json.writeStringField("content", text);
            json.writeStringField("refusal", refusal);
            json.writeEndObject();
          } else {
            json.writeStringField("text", text == null ? "" : text);
          }
          json.writeNullField("logprobs");
          json.writeStringField("finish_reason", finishReason);
          json.writeEndObject();
          json.writeEndArray();
          if (!usage.equals(Usage.NONE)) {
            json.writeFieldName("usage");
            usage(json, usage);
          }
          json.writeEndObject();
        });
  }

  /** The event that opens a chat stream with the role; of a completion, one with an empty text. */
  public byte[] firstEvent() {
    return chunk("", true, null);
  }

  /** An event with the next piece of text. */
  public byte[] textEvent(String text) {
    return chunk(text, false, null);
  }

  /** The event that says why the answer ended. */
  public byte[] finishEvent(String finishReason) {
    return chunk(null, false, finishReason);
  }

  /** The extra event that include_usage asks for: no choices, the usage. */
  public byte[] usageEvent(Usage usage) {
    return event(
        json -> {
          head(json, chunkObject());
          json.writeArrayFieldStart("choices");
          json.writeEndArray();
          json.writeFieldName("usage");
          usage(json, usage);
          json.writeEndObject();
        });
  }

  /** The event that ends a stream. */
  public static byte[] doneEvent() {
    return DONE.clone();
  }

  private byte[] chunk(@Nullable String text, boolean role, @Nullable String finishReason) {
    return event(
        json -> {
          head(json, chunkObject());
          json.writeArrayFieldStart("choices");
          json.writeStartObject();
          json.writeNumberField("index", 0);
          if (chat()) {
            json.writeObjectFieldStart("delta");
            if (role) {
              json.writeStringField("role", "assistant");
            }
            if (text != null) {
              json.writeStringField("content", text);
            }
            json.writeEndObject();
          } else {
            json.writeStringField("text", text == null ? "" : text);
          }
          json.writeNullField("logprobs");
          json.writeStringField("finish_reason", finishReason);
          json.writeEndObject();
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private boolean chat() {
    return endpoint == Endpoint.CHAT_COMPLETIONS;
  }

  private String chunkObject() {
    return chat() ? "chat.completion.chunk" : "text_completion";
  }

  private void head(JsonGenerator json, String object) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", id);
    json.writeStringField("object", object);
    json.writeNumberField("created", created);
    json.writeStringField("model", model);
  }

  private static void usage(JsonGenerator json, Usage usage) throws IOException {
    long prompt = usage.prompt() == null ? 0 : usage.prompt();
    long completion = usage.completion() == null ? 0 : usage.completion();
    json.writeStartObject();
    json.writeNumberField("prompt_tokens", prompt);
    json.writeNumberField("completion_tokens", completion);
    json.writeNumberField("total_tokens", prompt + completion);
    if (usage.cached() != null) {
      json.writeObjectFieldStart("prompt_tokens_details");
      json.writeNumberField("cached_tokens", usage.cached());
      json.writeEndObject();
    }
    if (usage.reasoning() != null) {
      json.writeObjectFieldStart("completion_tokens_details");
      json.writeNumberField("reasoning_tokens", usage.reasoning());
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static byte[] event(Json.Content content) {
    byte[] json = Json.write(content);
    ByteArrayOutputStream out = new ByteArrayOutputStream(json.length + 8);
    out.writeBytes(DATA);
    out.writeBytes(json);
    out.write('\n');
    out.write('\n');
    return out.toByteArray();
  }
}
