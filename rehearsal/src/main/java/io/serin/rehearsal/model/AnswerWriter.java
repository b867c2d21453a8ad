package io.serin.rehearsal.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes answers, events of a stream and errors as OpenAI's API has them. */
final class AnswerWriter {

  static final Buffer DONE = Buffer.buffer("data: [DONE]\n\n");

  private static final JsonFactory JSON = new JsonFactory();

  private final ModelRequest request;
  private final String id;
  private final long created;
  private final boolean cacheReported;

  AnswerWriter(ModelRequest request, String id, long createdSeconds, boolean cacheReported) {
    this.request = request;
    this.id = id;
    this.created = createdSeconds;
    this.cacheReported = cacheReported;
  }

  @FunctionalInterface
  private interface Body {
    void write(JsonGenerator json) throws IOException;
  }

  /** A whole answer. */
  Buffer whole(ModelAnswer answer) {
    return json(
        json -> {
          head(json, request.chat() ? "chat.completion" : "text_completion");
          json.writeArrayFieldStart("choices");
          json.writeStartObject();
          json.writeNumberField("index", 0);
          if (request.chat()) {
            json.writeObjectFieldStart("message");
            json.writeStringField("role", "assistant");
            json.writeStringField("content", answer.text());
            json.writeNullField("refusal");
            json.writeEndObject();
          } else {
            json.writeStringField("text", answer.text());
          }
          json.writeNullField("logprobs");
          json.writeStringField("finish_reason", answer.finishReason());
          json.writeEndObject();
          json.writeEndArray();
          usage(json, answer);
        });
  }

  /** The first event of a chat stream, which names the role. */
  Buffer role() {
    return chunk("", true, null);
  }

  /** One event with a piece of the text. */
  Buffer piece(List<String> tokens) {
    return chunk(String.join("", tokens), false, null);
  }

  /** The event with the finish reason. */
  Buffer finish(ModelAnswer answer) {
    return chunk(null, false, answer.finishReason());
  }

  /** The event with the usage, without a choice. */
  Buffer usage(ModelAnswer answer) {
    return event(
        json -> {
          head(json, request.chat() ? "chat.completion.chunk" : "text_completion");
          json.writeArrayFieldStart("choices");
          json.writeEndArray();
          usage(json, answer);
        });
  }

  /** An error's body. */
  static Buffer error(String type, @Nullable String param, String message) {
    return json(
        json -> {
          json.writeObjectFieldStart("error");
          json.writeStringField("message", message);
          json.writeStringField("type", type);
          if (param == null || param.isEmpty()) {
            json.writeNullField("param");
          } else {
            json.writeStringField("param", param);
          }
          json.writeNullField("code");
          json.writeEndObject();
        });
  }

  /** The list of models. */
  static Buffer models(String name, long created) {
    return json(
        json -> {
          json.writeStringField("object", "list");
          json.writeArrayFieldStart("data");
          json.writeStartObject();
          json.writeStringField("id", name);
          json.writeStringField("object", "model");
          json.writeNumberField("created", created);
          json.writeStringField("owned_by", "serin-rehearsal");
          json.writeEndObject();
          json.writeEndArray();
        });
  }

  private Buffer chunk(@Nullable String text, boolean role, @Nullable String finishReason) {
    return event(
        json -> {
          head(json, request.chat() ? "chat.completion.chunk" : "text_completion");
          json.writeArrayFieldStart("choices");
          json.writeStartObject();
          json.writeNumberField("index", 0);
          if (request.chat()) {
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
          if (finishReason == null) {
            json.writeNullField("finish_reason");
          } else {
            json.writeStringField("finish_reason", finishReason);
          }
          json.writeEndObject();
          json.writeEndArray();
          if (request.includeUsage()) {
            json.writeNullField("usage");
          }
        });
  }

  private void head(JsonGenerator json, String object) throws IOException {
    json.writeStringField("id", id);
    json.writeStringField("object", object);
    json.writeNumberField("created", created);
    json.writeStringField("model", request.model());
  }

  private void usage(JsonGenerator json, ModelAnswer answer) throws IOException {
    json.writeObjectFieldStart("usage");
    json.writeNumberField("prompt_tokens", answer.promptTokens());
    json.writeNumberField("completion_tokens", answer.tokens().size());
    json.writeNumberField("total_tokens", answer.promptTokens() + answer.tokens().size());
    if (cacheReported) {
      json.writeObjectFieldStart("prompt_tokens_details");
      json.writeNumberField("cached_tokens", answer.cachedTokens());
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static Buffer event(Body body) {
    return Buffer.buffer("data: ").appendBuffer(json(body)).appendString("\n\n");
  }

  private static Buffer json(Body body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      body.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Buffer.buffer(out.toString(StandardCharsets.UTF_8));
  }
}
