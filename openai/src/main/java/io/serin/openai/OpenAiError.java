package io.serin.openai;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An error as OpenAI's API reports it: {@code {"error":{"message","type","param","code"}}} with an
 * HTTP status.
 *
 * @param message one sentence for a person
 * @param type the class of error: invalid_request_error, server_error …
 * @param param the field at fault
 * @param code the error for a program
 * @param status the HTTP status, 400 … 599; 0 where an error that was read did not come with one
 */
public record OpenAiError(
    String message, String type, @Nullable String param, @Nullable String code, int status) {

  public OpenAiError {
    if (status != 0 && (status < 400 || status > 599)) {
      throw new IllegalArgumentException("status is " + status + ", must be 0 or 400 … 599");
    }
  }

  /** 400: the request itself is wrong. */
  public static OpenAiError invalidRequest(
      String message, @Nullable String param, @Nullable String code) {
    return new OpenAiError(message, "invalid_request_error", param, code, 400);
  }

  /** Nothing serves this path. */
  public static OpenAiError unknownUrl(String method, String path) {
    return new OpenAiError(
        "Unknown request URL: " + method + " " + path + ".",
        "invalid_request_error",
        null,
        "unknown_url",
        404);
  }

  /** 404: no rollout and no model has this name. */
  public static OpenAiError modelNotFound(String model) {
    return new OpenAiError(
        "The model '" + model + "' does not exist.",
        "invalid_request_error",
        "model",
        "model_not_found",
        404);
  }

  /**
   * 404: no stored response of this client has this id.
   *
   * @param param the field or path segment that carries it
   */
  public static OpenAiError responseNotFound(String id, String param) {
    return new OpenAiError(
        "Response '" + id + "' not found.",
        "invalid_request_error",
        param,
        "response_not_found",
        404);
  }

  /** 413: the body is over the limit. */
  public static OpenAiError tooLarge(long limitBytes) {
    return new OpenAiError(
        "The request body is larger than " + limitBytes + " bytes.",
        "invalid_request_error",
        null,
        "request_too_large",
        413);
  }

  /** 429: the service has more to do than it can take now. */
  public static OpenAiError overloaded(String message) {
    return new OpenAiError(message, "rate_limit_error", null, "rate_limit_exceeded", 429);
  }

  /** 503: requests hold as much memory as they may. */
  public static OpenAiError noMemory() {
    return server(
        503, "The router has no memory left for this request; retry later.", "overloaded");
  }

  /** A 5xx: the service, not the request, is at fault. */
  public static OpenAiError server(int status, String message, @Nullable String code) {
    return new OpenAiError(message, "server_error", null, code, status);
  }

  /** The body of an error answer, UTF-8. */
  public byte[] toJson() {
    return Json.write(
        json -> {
          json.writeStartObject();
          json.writeObjectFieldStart("error");
          json.writeStringField("message", message);
          json.writeStringField("type", type);
          json.writeStringField("param", param);
          json.writeStringField("code", code);
          json.writeEndObject();
          json.writeEndObject();
        });
  }

  /** The body of an error answer in the shape that clients of this endpoint read. */
  public byte[] toJson(@Nullable Endpoint endpoint) {
    return endpoint == Endpoint.MESSAGES ? anthropic() : toJson();
  }

  /** The same as an event inside a stream that has begun, as chat completions have it. */
  public byte[] toEvent() {
    return toEvent(Endpoint.CHAT_COMPLETIONS);
  }

  /** The same as an event inside a begun stream of this endpoint. */
  public byte[] toEvent(Endpoint endpoint) {
    return switch (endpoint) {
      case CHAT_COMPLETIONS, COMPLETIONS, EMBEDDINGS -> event("data: ", toJson());
      case RESPONSES -> event("event: error\ndata: ", responses());
      case MESSAGES -> event("event: error\ndata: ", anthropic());
    };
  }

  private static byte[] event(String head, byte[] json) {
    return (head + new String(json, StandardCharsets.UTF_8) + "\n\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** The "error" event of OpenAI's responses. */
  private byte[] responses() {
    return Json.write(
        json -> {
          json.writeStartObject();
          json.writeStringField("type", "error");
          json.writeStringField("code", code == null ? type : code);
          json.writeStringField("message", message);
          json.writeStringField("param", param);
          json.writeNullField("sequence_number");
          json.writeEndObject();
        });
  }

  private byte[] anthropic() {
    String kind =
        switch (status) {
          case 401 -> "authentication_error";
          case 403 -> "permission_error";
          case 404 -> "not_found_error";
          case 413 -> "request_too_large";
          case 429 -> "rate_limit_error";
          default -> status >= 500 ? "api_error" : "invalid_request_error";
        };
    return Json.write(
        json -> {
          json.writeStartObject();
          json.writeStringField("type", "error");
          json.writeObjectFieldStart("error");
          json.writeStringField("type", kind);
          json.writeStringField("message", message);
          json.writeEndObject();
          json.writeEndObject();
        });
  }
}
