package io.serin.analytics.api;

import com.sun.net.httpserver.HttpExchange;
import io.serin.schemas.http.BrowserGuard;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * What every request to the control port passes before any token is looked at: whether a foreign
 * page sends it, and bounds in size, number and time. Thread-safe.
 *
 * <p>Bounds: {@value #MOST_CONNECTIONS} connections; heads of {@value #MOST_HEAD} bytes; bodies of
 * {@value #MOST_BODY} bytes, {@value #MOST_BODIES} bytes of all together; {@value #MOST_SECONDS} s
 * for a request to arrive, and as long for its answer to be taken.
 */
final class Door implements AutoCloseable {
  static final int MOST_BODY = 1 << 20;
  private static final int MOST_BODIES = 64 << 20;
  private static final int MOST_HEAD = 64 << 10;
  private static final int MOST_CONNECTIONS = 4_096;
  private static final int MOST_SECONDS = 20;
  private static final int CHUNK = 4 << 10;

  private final BrowserGuard browsers;
  private final boolean tokens;
  private final Semaphore bodies = new Semaphore(MOST_BODIES / CHUNK);
  private final ScheduledExecutorService deadlines =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("serin-control-deadlines").factory());

  static {
    // The JDK's server reads its bounds from properties only, once, before the first is made.
    Map.of(
            "sun.net.httpserver.maxReqTime", MOST_SECONDS,
            "sun.net.httpserver.maxReqHeaderSize", MOST_HEAD,
            "sun.net.httpserver.idleInterval", MOST_SECONDS,
            "jdk.httpserver.maxConnections", MOST_CONNECTIONS)
        .forEach((name, bound) -> System.getProperties().putIfAbsent(name, bound.toString()));
  }

  /**
   * @param names host names under which the port is reached, beside addresses and names without a
   *     dot
   * @param tokens whether callers need tokens: then a page has nothing to send that a browser adds
   *     by itself, and any host name will do
   */
  Door(Set<String> names, boolean tokens) {
    this.browsers = new BrowserGuard(names);
    this.tokens = tokens;
  }

  /**
   * Refuses what a page of another site sends.
   *
   * @throws ApiError 403
   */
  void check(HttpExchange exchange) throws ApiError {
    String host = exchange.getRequestHeaders().getFirst("host");
    String origin = exchange.getRequestHeaders().getFirst("origin");
    if (BrowserGuard.foreignOrigin(origin, host)) {
      throw ApiError.of(403, "origin", origin, "pages of other sites may not call this API");
    }
    if (!tokens && browsers.foreignHost(host)) {
      throw ApiError.of(
          403,
          "host",
          host,
          "without tokens only addresses, names without a dot and those of --host-names are"
              + " answered");
    }
  }

  /**
   * Reads a body.
   *
   * @throws ApiError 413 where it is too large, 503 where all bodies together are
   */
  byte[] body(HttpExchange exchange) throws IOException, ApiError {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] chunk = new byte[CHUNK];
    int held = 0;
    try (InputStream in = exchange.getRequestBody()) {
      while (true) {
        int read = in.read(chunk);
        if (read < 0) {
          return body.toByteArray();
        }
        body.write(chunk, 0, read);
        if (body.size() > MOST_BODY) {
          throw new ApiError(413, "the body has more than " + MOST_BODY + " bytes");
        }
        if (body.size() > held * CHUNK) {
          if (!bodies.tryAcquire()) {
            throw new ApiError(503, "too many bodies are sent at once; retry later");
          }
          held++;
        }
      }
    } finally {
      bodies.release(held);
    }
  }

  /** Writes to a client that may not read. */
  interface Writing {
    /** Writes. */
    void run() throws IOException;
  }

  /** Writes, and closes the connection where the client does not take it in time. */
  void write(HttpExchange exchange, Writing writing) throws IOException {
    ScheduledFuture<?> deadline =
        deadlines.schedule(exchange::close, MOST_SECONDS, TimeUnit.SECONDS);
    try {
      writing.run();
    } finally {
      deadline.cancel(false);
    }
  }

  @Override
  public void close() {
    deadlines.shutdownNow();
  }
}
