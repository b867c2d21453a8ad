package io.serin.router.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Bounds how long clients of one event loop may take: a connection that carries no request for too
 * long is closed, whether it is idle or has sent half a head; a body that takes too long is given
 * up. Looks twice a second, so that a request costs no timer. Confined to the loop.
 */
public final class ClientWatch {

  private static final long EVERY_MILLIS = 500;

  /**
   * The bounds.
   *
   * @param head how long a connection may be without a whole request head
   * @param body how long a request's body may take
   */
  public record Bounds(Duration head, Duration body) {

    /** Longer than the keep-alive of common clients and proxies; 16 MB at 1 Mbit/s. */
    public static final Bounds DEFAULT =
        new Bounds(Duration.ofSeconds(75), Duration.ofSeconds(120));

    /** Checks the bounds. */
    public Bounds {
      positive("client-head-timeout", head);
      positive("client-body-timeout", body);
    }

    private static void positive(String name, Duration value) {
      if (value.isNegative() || value.isZero()) {
        throw new IllegalArgumentException(name + ": " + value + ", must be more than 0");
      }
    }
  }

  private final Bounds bounds;
  private long ticks;

  /** Connections without a request, and since which tick. */
  private final Map<HttpConnection, Long> waiting = new HashMap<>();

  /** Bodies that are read, and since which tick. */
  private final Map<BodyReader, Long> reading = new HashMap<>();

  /** Watches the clients of the event loop on which this is called. */
  public ClientWatch(Vertx vertx, Bounds bounds) {
    this.bounds = bounds;
    vertx.setPeriodic(EVERY_MILLIS, tick -> look());
  }

  /** A client has connected. */
  public void connected(HttpConnection connection) {
    waiting.put(connection, ticks);
    connection.closeHandler(closed -> waiting.remove(connection));
  }

  /** A request's head is read: its connection waits again once it is answered. */
  public void began(HttpServerRequest http) {
    HttpConnection connection = http.connection();
    waiting.remove(connection);
    http.response().bodyEndHandler(sent -> waiting.put(connection, ticks));
  }

  void reads(BodyReader body) {
    reading.put(body, ticks);
  }

  void readAll(BodyReader body) {
    reading.remove(body);
  }

  private void look() {
    ticks++;
    overdue(waiting, bounds.head()).forEach(HttpConnection::close);
    overdue(reading, bounds.body()).forEach(BodyReader::tooSlow);
  }

  private <T> List<T> overdue(Map<T, Long> since, Duration bound) {
    List<T> late =
        since.entrySet().stream()
            .filter(each -> (ticks - each.getValue()) * EVERY_MILLIS > bound.toMillis())
            .map(Map.Entry::getKey)
            .toList();
    late.forEach(since::remove);
    return late;
  }
}
