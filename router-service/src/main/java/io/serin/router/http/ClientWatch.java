package io.serin.router.http;

import io.serin.router.memory.MemoryBudget;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Bounds what clients of one event loop may take: a new connection without a whole head, a
 * connection without a request, a body that takes too long, connections of one address. Looks twice
 * a second, so that a request costs no timer. Confined to the loop.
 *
 * <p>While the router's memory is short, a large body that hardly moves is given up: it would keep
 * others out.
 */
public final class ClientWatch {

  private static final long EVERY_MILLIS = 500;

  /** How many looks apart a body's progress is measured. */
  private static final long PROGRESS_LOOKS = 4;

  /** What a large body must gain between two measurements while memory is short. */
  private static final long PROGRESS_BYTES = 32 << 10;

  /** A connection. */
  private static final class Connected {
    private int requests;
    private boolean fresh = true;
    private long sinceTick;
  }

  /** A body that is read. */
  private static final class Reading {
    private final long sinceTick;
    private long measuredTick;
    private long measuredBytes;

    Reading(long tick) {
      this.sinceTick = tick;
      this.measuredTick = tick;
    }
  }

  private final ClientBounds bounds;
  private final ClientAddresses addresses;
  private final MemoryBudget memory;
  private final Map<HttpConnection, Connected> connections = new HashMap<>();
  private final Map<BodyReader, Reading> reading = new HashMap<>();
  private long ticks;
  private long refusalsSeen;
  private long scarceTick = -PROGRESS_LOOKS;

  /**
   * Watches the clients of the event loop on which this is called.
   *
   * @param addresses of all event loops together
   * @param memory of all event loops together
   */
  public ClientWatch(
      Vertx vertx, ClientBounds bounds, ClientAddresses addresses, MemoryBudget memory) {
    this.bounds = bounds;
    this.addresses = addresses;
    this.memory = memory;
    vertx.setPeriodic(EVERY_MILLIS, tick -> look());
  }

  /** A client has connected. One connection too many of its address is closed. */
  public void connected(HttpConnection connection) {
    String address = connection.remoteAddress().hostAddress();
    if (!addresses.enter(address)) {
      connection.close();
      return;
    }
    HalfClosedClients.watch(connection);
    Connected made = new Connected();
    made.sinceTick = ticks;
    connections.put(connection, made);
    connection.closeHandler(
        closed -> {
          connections.remove(connection);
          addresses.leave(address);
        });
  }

  /** A request's head is read: its connection waits again once it is answered. */
  public void began(HttpServerRequest http) {
    Connected connection = connections.get(http.connection());
    if (connection == null) {
      return;
    }
    connection.fresh = false;
    connection.requests++;
    http.response().endHandler(ended -> ended(connection));
  }

  private void ended(Connected connection) {
    connection.requests--;
    connection.sinceTick = ticks;
  }

  /** What requests hold of the router's memory. */
  MemoryBudget memory() {
    return memory;
  }

  void reads(BodyReader body) {
    reading.put(body, new Reading(ticks));
  }

  void readAll(BodyReader body) {
    reading.remove(body);
  }

  private void look() {
    ticks++;
    overdue().forEach(HttpConnection::close);
    slow().forEach(BodyReader::tooSlow);
    stalled().forEach(BodyReader::makesRoom);
  }

  private List<HttpConnection> overdue() {
    return connections.entrySet().stream()
        .filter(each -> waitsTooLong(each.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private boolean waitsTooLong(Connected connection) {
    return connection.requests == 0
        && longer(connection.sinceTick, connection.fresh ? bounds.head() : bounds.idle());
  }

  private List<BodyReader> slow() {
    return reading.entrySet().stream()
        .filter(each -> longer(each.getValue().sinceTick, bounds.body()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private List<BodyReader> stalled() {
    if (memory.refusals() != refusalsSeen) {
      refusalsSeen = memory.refusals();
      scarceTick = ticks;
    }
    boolean scarce = ticks - scarceTick < PROGRESS_LOOKS;
    return reading.entrySet().stream()
        .filter(each -> hardlyMoves(each.getKey(), each.getValue()) && scarce)
        .map(Map.Entry::getKey)
        .filter(BodyReader::isLarge)
        .toList();
  }

  private boolean hardlyMoves(BodyReader body, Reading progress) {
    if (ticks - progress.measuredTick < PROGRESS_LOOKS) {
      return false;
    }
    boolean hardly = body.received() - progress.measuredBytes < PROGRESS_BYTES;
    progress.measuredTick = ticks;
    progress.measuredBytes = body.received();
    return hardly;
  }

  private boolean longer(long sinceTick, Duration bound) {
    return (ticks - sinceTick) * EVERY_MILLIS > bound.toMillis();
  }
}
