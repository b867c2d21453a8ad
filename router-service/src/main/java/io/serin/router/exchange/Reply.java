package io.serin.router.exchange;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.serin.openai.Endpoint;
import io.serin.openai.OpenAiError;
import io.serin.router.http.Head;
import io.serin.router.http.Headers;
import io.vertx.core.buffer.Buffer;
import java.util.Locale;

/** A whole answer for a client. */
record Reply(int status, HttpHeaders headers, Buffer body) {

  /** Whether the body is JSON by its content type. */
  boolean isJson() {
    String type = headers.get(Headers.CONTENT_TYPE);
    return type != null && type.toLowerCase(Locale.ROOT).contains("json");
  }

  /** The same answer with another body. */
  Reply withBody(Buffer other) {
    return new Reply(status, headers, other);
  }

  /** An error of the router's own, in the shape that the endpoint's clients read. */
  static Reply of(OpenAiError error, Endpoint endpoint) {
    return new Reply(
        error.status(),
        new DefaultHttpHeaders().add(Headers.CONTENT_TYPE, Headers.JSON),
        Buffer.buffer(error.toJson(endpoint)));
  }

  /** What the variant answered, as it is. */
  static Reply passing(AttemptEnd end, Endpoint endpoint) {
    Head head = end.head();
    return head == null
        ? of(OpenAiError.server(502, "The model gave no answer.", "upstream_empty"), endpoint)
        : new Reply(head.status(), head.headers(), end.unsent());
  }

  /**
   * A variant's error: its own words where they are JSON, else the same status in OpenAI's shape.
   */
  static Reply ofUpstreamError(AttemptEnd end, Endpoint endpoint) {
    Head head = end.head();
    if (head == null) {
      return passing(end, endpoint);
    }
    String type = head.headers().get(Headers.CONTENT_TYPE);
    if (type != null
        && type.toLowerCase(Locale.ROOT).contains("json")
        && end.unsent().length() > 0) {
      return passing(end, endpoint);
    }
    int status = head.status() >= 400 && head.status() <= 599 ? head.status() : 502;
    Reply plain =
        of(
            OpenAiError.server(
                status, "The model answered with status " + head.status() + ".", "upstream_error"),
            endpoint);
    HttpHeaders headers = head.headers().copy();
    return new Reply(status, headers.set(Headers.CONTENT_TYPE, Headers.JSON), plain.body());
  }
}
