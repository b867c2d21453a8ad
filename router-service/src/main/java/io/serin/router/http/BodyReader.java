package io.serin.router.http;

import io.netty.buffer.ByteBuf;
import io.serin.openai.OpenAiError;
import io.serin.openai.OpenAiException;
import io.serin.router.memory.Hold;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request's body up to a bound, unpacked, and within the router's memory. Confined to the
 * request's event loop.
 */
public final class BodyReader {

  /**
   * A body that was read.
   *
   * @param bytes all of it, unpacked
   * @param memory what it holds, with as much again for the copy that a variant is sent; whoever
   *     takes the body releases it
   */
  @SuppressWarnings("ArrayRecordComponent") // Made for every request, never compared.
  public record Body(byte[] bytes, Hold memory) {}

  private final HttpServerRequest http;
  private final ClientWatch watch;
  private final int maxBytes;
  private final Promise<Body> body = Promise.promise();
  private final Hold memory;
  private final Segments read;
  private @Nullable Inflating packed;
  private boolean over;

  /** Bytes as they came over the wire. */
  private long received;

  private BodyReader(HttpServerRequest http, ClientWatch watch, int maxBytes) {
    this.watch = watch;
    this.http = http;
    this.maxBytes = maxBytes;
    this.memory = watch.memory().hold();
    this.read = new Segments(memory);
  }

  /**
   * The body; fails with an {@link OpenAiException}: of status 413 if it is larger than the bound,
   * of 408 if it takes too long, of 503 if the router has no memory for it.
   */
  public static Future<Body> read(HttpServerRequest http, ClientWatch watch, int maxBytes) {
    return new BodyReader(http, watch, maxBytes).start();
  }

  private Future<Body> start() {
    long declared = declaredLength();
    if (declared > maxBytes) {
      tooLarge();
    } else if (!memory.fits(2 * declared)) {
      fail(noMemory());
    } else {
      try {
        packed = Inflating.of(http.getHeader("content-encoding"));
      } catch (OpenAiException e) {
        fail(e);
        return body.future();
      }
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
    received += bytes.length();
    Inflating unpacking = packed;
    if (unpacking == null) {
      boolean unused = add(((BufferInternal) bytes).getByteBuf());
      return;
    }
    try {
      unpacking.read(bytes, this::add);
    } catch (RuntimeException e) {
      lost(e);
    }
  }

  /** Returns whether more is wanted. */
  private boolean add(ByteBuf bytes) {
    if (over) {
      return false;
    }
    if (read.length() + bytes.readableBytes() > maxBytes) {
      tooLarge();
    } else if (!read.add(bytes)) {
      fail(noMemory());
    }
    return !over;
  }

  private void ended() {
    if (over) {
      return;
    }
    if (!memory.take(read.length())) {
      fail(noMemory());
      return;
    }
    finish();
    body.complete(new Body(read.all(), memory));
  }

  /** The client takes too long. */
  void tooSlow() {
    fail(
        new OpenAiException(
            new OpenAiError(
                "The request body did not arrive in time.",
                "invalid_request_error",
                null,
                "request_timeout",
                408)));
  }

  /** It hardly moves, and keeps others from the memory that it holds. */
  void makesRoom() {
    fail(noMemory());
  }

  private void tooLarge() {
    fail(new OpenAiException(OpenAiError.tooLarge(maxBytes)));
  }

  private static OpenAiException noMemory() {
    return new OpenAiException(OpenAiError.noMemory());
  }

  /** The client left, or what it sent is not HTTP: a broken chunk, an encoding it is not in. */
  private void lost(Throwable failure) {
    boolean left =
        failure instanceof HttpClosedException
            || failure instanceof StreamResetException
            || failure instanceof IOException;
    fail(
        left
            ? new ClientLeftException()
            : new OpenAiException(
                OpenAiError.invalidRequest(
                    "The request's body cannot be read: its framing or encoding is broken.",
                    null,
                    null)));
  }

  private void fail(Exception why) {
    if (!over) {
      finish();
      memory.release();
      body.fail(why);
    }
  }

  private void finish() {
    over = true;
    watch.readAll(this);
    Inflating unpacking = packed;
    if (unpacking != null) {
      unpacking.close();
    }
  }

  /** Bytes received so far, as they came over the wire. */
  long received() {
    return received;
  }

  /** Whether it holds more than a small request does. */
  boolean isLarge() {
    return read.length() > Segments.MOST_BYTES;
  }

  /** The client left before its request was read: no answer is due. */
  private static final class ClientLeftException extends Exception {
    private static final long serialVersionUID = 1L;

    ClientLeftException() {
      super("the client left before its request was read", null, false, false);
    }
  }
}
