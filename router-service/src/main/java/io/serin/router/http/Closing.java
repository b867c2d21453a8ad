package io.serin.router.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/**
 * How a client's connection ends with an answer. An HTTP/1.1 connection is closed; of an HTTP/2
 * connection only the request's own stream, because others share it.
 */
public final class Closing {

  private static final long NO_ERROR = 0;
  private static final long INTERNAL_ERROR = 2;

  private Closing() {}

  /** Whether the connection carries this request alone. */
  public static boolean alone(HttpServerRequest http) {
    return http.version() != HttpVersion.HTTP_2;
  }

  /** Says in the head that nothing follows; HTTP/2 has no such header. */
  public static void announce(HttpServerRequest http) {
    if (alone(http)) {
      http.response().putHeader("connection", "close");
    }
  }

  /** The answer is complete, and the rest of the request is not wanted. */
  public static void afterAnswer(HttpServerRequest http) {
    if (alone(http)) {
      http.connection().close();
    } else if (!http.isEnded()) {
      http.response().reset(NO_ERROR);
    }
  }

  /** The answer cannot be completed: no reader may take what it got for a whole one. */
  public static void cut(HttpServerRequest http) {
    if (alone(http)) {
      http.connection().close();
    } else {
      http.response().reset(INTERNAL_ERROR);
    }
  }
}
