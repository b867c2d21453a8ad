package io.serin.router.exchange;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.serin.openai.Endpoint;
import io.serin.openai.OpenAiError;
import io.serin.openai.answer.Answer;
import io.serin.openai.answer.AnswerReader;
import io.serin.router.attempt.AttemptReply;
import io.serin.router.http.Head;
import io.serin.router.http.Headers;
import io.serin.schemas.Outcome;
import io.vertx.core.buffer.Buffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A whole answer for a client. */
record Reply(int status, HttpHeaders headers, Buffer body) {

  /** Longest text of a server's error that is passed on as a message, in bytes. */
  private static final int MAX_WORDS = 2_048;

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

  /** What a client is sent that has seen nothing yet. */
  static Reply to(Endpoint endpoint, AttemptReply reply) {
    return switch (reply.outcome()) {
      case OK, EMPTY, MALFORMED -> passing(reply, endpoint);
      case HTTP_ERROR -> ofUpstreamError(reply, endpoint);
      case CUT ->
          saysItself(reply) ? passing(reply, endpoint) : of(streamError(Outcome.CUT), endpoint);
      case TIMEOUT ->
          of(
              OpenAiError.server(504, "The model did not answer in time.", "upstream_timeout"),
              endpoint);
      case REJECTED -> of(OpenAiError.noMemory(), endpoint);
      case CONNECT_ERROR, CANCELLED, ROUTER_DIED, UNKNOWN ->
          of(
              OpenAiError.server(502, "The model cannot be reached.", "upstream_unreachable"),
              endpoint);
    };
  }

  /** In place of an answer that cannot be sent to the client. */
  static Reply unfit(Endpoint endpoint) {
    return of(
        OpenAiError.server(502, "The model's answer could not be passed on.", "upstream_failed"),
        endpoint);
  }

  /** What ends a stream that failed after it had begun. */
  static OpenAiError streamError(Outcome outcome) {
    return outcome == Outcome.TIMEOUT
        ? OpenAiError.server(
            504, "The model stopped answering before the end of its answer.", "upstream_timeout")
        : OpenAiError.server(502, "The model's answer was cut before its end.", "upstream_cut");
  }

  /**
   * Whether control's stream, all of it, is the best answer there is: it held nothing but its own
   * error, or came to its end and says itself that it failed.
   */
  private static boolean saysItself(AttemptReply reply) {
    Answer answer = reply.answer();
    return answer != null
        && (answer.error() != null || (answer.ended() && !answer.empty()))
        && reply.head() != null
        && AnswerReader.isEventStream(reply.head().headers().get(Headers.CONTENT_TYPE));
  }

  /** What the variant answered, as it is. */
  private static Reply passing(AttemptReply reply, Endpoint endpoint) {
    Head head = reply.head();
    return head == null
        ? of(OpenAiError.server(502, "The model gave no answer.", "upstream_empty"), endpoint)
        : new Reply(head.status(), head.headers(), reply.unsent());
  }

  /**
   * A variant's error: its own body if that is JSON. Otherwise the same status in OpenAI's shape,
   * with the server's words if they are short plain text. A redirect is a 502: no client follows it
   * to a model server.
   */
  private static Reply ofUpstreamError(AttemptReply reply, Endpoint endpoint) {
    Head head = reply.head();
    if (head == null) {
      return passing(reply, endpoint);
    }
    boolean error = head.status() >= 400 && head.status() <= 599;
    Reply own = new Reply(head.status(), head.headers(), reply.unsent());
    if (error && own.isJson() && reply.unsent().length() > 0) {
      return own;
    }
    int status = error ? head.status() : 502;
    String words = error ? own.plainText() : null;
    Reply plain =
        of(
            OpenAiError.server(
                status,
                words == null ? "The model answered with status " + head.status() + "." : words,
                "upstream_error"),
            endpoint);
    // Where a redirect leads is an address behind the router.
    HttpHeaders headers = head.headers().copy().remove(HttpHeaderNames.LOCATION);
    return new Reply(status, headers.set(Headers.CONTENT_TYPE, Headers.JSON), plain.body());
  }

  /** The body if it is short plain text, such as a server's own words for an error. */
  private @Nullable String plainText() {
    String type = headers.get(Headers.CONTENT_TYPE);
    boolean plain = type == null || type.toLowerCase(Locale.ROOT).startsWith("text/plain");
    return plain && body.length() > 0 && body.length() <= MAX_WORDS
        ? body.toString().strip()
        : null;
  }
}
