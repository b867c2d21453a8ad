package io.serin.analytics.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.serin.schemas.json.JsonText;
import org.jspecify.annotations.Nullable;

/** Reads and checks what a caller sent beside a file. Pure. */
final class Fields {
  private static final int MAX_TEXT = 1_000;

  private Fields() {}

  static @Nullable Long expected(@Nullable String header) throws ApiError {
    if (header == null) {
      return null;
    }
    if (!header.matches("[0-9]{1,18}")) {
      throw ApiError.of(400, "x-serin-expected-revision", header, "must be a whole number");
    }
    return Long.valueOf(header);
  }

  static @Nullable String string(JsonNode body, String field) throws ApiError {
    JsonNode value = body.get(field);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isTextual()) {
      throw ApiError.of(400, field, value, "must be a text");
    }
    return text(field, value.asText());
  }

  static @Nullable String text(String field, @Nullable String value) throws ApiError {
    if (value != null && value.length() > MAX_TEXT) {
      throw ApiError.of(
          400, field, value.length() + " characters long", "may have at most " + MAX_TEXT);
    }
    return value;
  }

  static @Nullable String key(@Nullable String value) throws ApiError {
    if (value != null && !value.matches("[\\x21-\\x7e]{1,200}")) {
      throw ApiError.of(
          400,
          "idempotencyKey",
          value,
          "must be 1 to 200 letters, digits or signs, without blanks");
    }
    return value;
  }

  /** The name of the token; without tokens, the name that the caller gives. */
  static String who(Tokens.@Nullable Caller caller, @Nullable String said) throws ApiError {
    if (caller != null) {
      return caller.who();
    }
    String who = text("who", said);
    if (who == null || who.isBlank()) {
      throw ApiError.of(
          400, "who", null, "say who asks, in the header x-serin-who or the field who");
    }
    return who;
  }

  static JsonNode object(ControlApi.Request request) throws ApiError {
    JsonNode body;
    try {
      body = JsonText.read(request.body());
    } catch (JsonProcessingException e) {
      throw new ApiError(400, "the body is not JSON: " + e.getOriginalMessage());
    }
    if (body == null || !body.isObject()) {
      throw new ApiError(400, "the body must be a JSON object with kind");
    }
    return body;
  }
}
