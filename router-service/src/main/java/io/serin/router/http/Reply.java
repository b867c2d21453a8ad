package io.serin.router.http;

import io.serin.openai.OpenAiError;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.Locale;

/** A whole answer for a client. */
record Reply(int status, MultiMap headers, Buffer body) {

  /** An error of the router's own, in OpenAI's shape. */
  static Reply of(OpenAiError error) {
    return new Reply(
        error.status(),
        MultiMap.caseInsensitiveMultiMap().add(Headers.CONTENT_TYPE, Headers.JSON),
        Buffer.buffer(error.toJson()));
  }

  /** What the variant answered, as it is. */
  static Reply passing(AttemptEnd end) {
    Head head = end.head();
    return head == null
        ? of(OpenAiError.server(502, "The model gave no answer.", "upstream_empty"))
        : new Reply(head.status(), head.headers(), end.unsent());
  }

  /**
   * A variant's error: its own words where they are JSON, else the same status in OpenAI's shape.
   */
  static Reply ofUpstreamError(AttemptEnd end) {
    Head head = end.head();
    if (head == null) {
      return passing(end);
    }
    String type = head.headers().get(Headers.CONTENT_TYPE);
    if (type != null
        && type.toLowerCase(Locale.ROOT).contains("json")
        && end.unsent().length() > 0) {
      return passing(end);
    }
    int status = head.status() >= 400 && head.status() <= 599 ? head.status() : 502;
    Reply plain =
        of(
            OpenAiError.server(
                status, "The model answered with status " + head.status() + ".", "upstream_error"));
    MultiMap headers = MultiMap.caseInsensitiveMultiMap().addAll(head.headers());
    return new Reply(status, headers.set(Headers.CONTENT_TYPE, Headers.JSON), plain.body());
  }
}
