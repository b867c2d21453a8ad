package io.serin.router.http;

import io.serin.openai.OpenAiError;
import io.serin.openai.OpenAiException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;

/** Reads a request's body up to a bound. */
public final class BodyReader {

  private final HttpServerRequest http;
  private final ClientWatch watch;
  private final int maxBytes;
  private final Promise<byte[]> body = Promise.promise();
  private final Buffer read = Buffer.buffer();
  private boolean over;

  private BodyReader(HttpServerRequest http, ClientWatch watch, int maxBytes) {
    this.watch = watch;
    this.http = http;
    this.maxBytes = maxBytes;
  }

  /**
   * The body; fails with an {@link OpenAiException}: of status 413 if it is larger than the bound,
   * of 408 if it takes too long.
   */
  public static Future<byte[]> read(HttpServerRequest http, ClientWatch watch, int maxBytes) {
    return new BodyReader(http, watch, maxBytes).start();
  }

  private Future<byte[]> start() {
    if (declaredLength() > maxBytes) {
      tooLarge();
    } else {
      watch.reads(this);
      http.exceptionHandler(this::lost);
      http.handler(this::chunk);
      http.endHandler(end -> ended());
    }
    return body.future();
  }

  private long declaredLength() {
    String length = http.getHeader("content-length");
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private void chunk(Buffer bytes) {
    if (over) {
      return;
    }
    if (read.length() + bytes.length() > maxBytes) {
      tooLarge();
    } else {
      read.appendBuffer(bytes);
    }
  }

  private void ended() {
    if (!over) {
      over = true;
      watch.readAll(this);
      body.complete(read.getBytes());
    }
  }

  /** The client takes too long. */
  void tooSlow() {
    if (!over) {
      over = true;
      body.fail(
          new OpenAiException(
              new OpenAiError(
                  "The request body did not arrive in time.",
                  "invalid_request_error",
                  null,
                  "request_timeout",
                  408)));
    }
  }

  private void tooLarge() {
    over = true;
    watch.readAll(this);
    body.fail(new OpenAiException(OpenAiError.tooLarge(maxBytes)));
  }

  /** The client left, or what it sent is no HTTP: a broken chunk, an encoding it is not in. */
  private void lost(Throwable failure) {
    if (!over) {
      over = true;
      watch.readAll(this);
      boolean left = failure instanceof HttpClosedException || failure instanceof IOException;
      body.fail(
          left
              ? new ClientLeftException()
              : new OpenAiException(
                  OpenAiError.invalidRequest(
                      "The request's body cannot be read: its framing or encoding is broken.",
                      null,
                      null)));
    }
  }

  /** Nobody waits for an answer. */
  private static final class ClientLeftException extends Exception {
    private static final long serialVersionUID = 1L;

    ClientLeftException() {
      super("the client left before its request was read", null, false, false);
    }
  }
}
