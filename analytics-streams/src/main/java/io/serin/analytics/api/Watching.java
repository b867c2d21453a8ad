package io.serin.analytics.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import io.serin.analytics.view.RolloutView;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Server-sent events: one rollout, whole, whenever it changes; or the list of all, of which only
 * changed rows are sent. At most {@value #MOST_WATCHERS} watch at once. Thread-safe.
 */
final class Watching {
  private static final int MOST_WATCHERS = 64;

  /** Between two events that a watcher is sent. */
  private static final long PAUSE_MILLIS = 250;

  /** Without a change, a watcher is sent a comment: so each side sees that the other is gone. */
  private static final long QUIET_MILLIS = 5_000;

  private final Semaphore watchers = new Semaphore(MOST_WATCHERS);
  private final ControlApi api;
  private final RolloutView view;
  private final Door door;

  Watching(ControlApi api, RolloutView view, Door door) {
    this.api = api;
    this.view = view;
    this.door = door;
  }

  /**
   * Sends events until the client leaves, what it watches is gone, or the server closes.
   *
   * @return an answer that says why nothing can be watched; null once something was
   */
  ControlApi.@Nullable Answer serve(
      HttpExchange exchange, ControlApi.Request request, BooleanSupplier closed)
      throws IOException, ApiError, InterruptedException {
    if (!watchers.tryAcquire()) {
      throw new ApiError(503, "too many watchers; retry later, or poll");
    }
    try {
      ControlApi.Answer first = api.answer(request);
      if (first.status() != 200) {
        return first;
      }
      exchange.getResponseHeaders().set("content-type", "text/event-stream");
      exchange.getResponseHeaders().set("cache-control", "no-store");
      exchange.sendResponseHeaders(200, 0);
      follow(exchange, request, first.body(), closed);
      return null;
    } finally {
      watchers.release();
    }
  }

  private void follow(
      HttpExchange exchange, ControlApi.Request request, JsonNode first, BooleanSupplier closed)
      throws IOException, InterruptedException {
    JsonNode sent = first;
    send(exchange, first);
    long quietSince = System.nanoTime();
    while (!closed.getAsBoolean()) {
      long seen = view.version();
      ControlApi.Answer now = api.answer(request);
      if (now.status() != 200) {
        return;
      }
      if (!now.body().equals(sent)) {
        send(exchange, now.body().has("rollouts") ? changes(sent, now.body()) : now.body());
        sent = now.body();
        quietSince = System.nanoTime();
      } else if (System.nanoTime() - quietSince > QUIET_MILLIS * 1_000_000) {
        write(exchange, ": nothing new\n\n".getBytes(StandardCharsets.UTF_8));
        quietSince = System.nanoTime();
      }
      Thread.sleep(PAUSE_MILLIS);
      view.awaitAfter(seen, QUIET_MILLIS / 5);
    }
  }

  /**
   * What a list that was sent before lacks: its changed rows, the names that are gone, and the
   * freeze of all, null where there is none.
   */
  static ObjectNode changes(JsonNode before, JsonNode now) {
    Map<String, JsonNode> old = new LinkedHashMap<>();
    before.path("rollouts").forEach(row -> old.put(row.path("rollout").asText(), row));
    ObjectNode changes = ((ObjectNode) now).objectNode();
    ArrayNode rows = changes.putArray("rollouts");
    for (JsonNode row : now.path("rollouts")) {
      if (!row.equals(old.remove(row.path("rollout").asText()))) {
        rows.add(row);
      }
    }
    ArrayNode gone = changes.putArray("gone");
    old.keySet().forEach(gone::add);
    changes.set("frozen", now.path("frozen").isMissingNode() ? null : now.path("frozen"));
    return changes;
  }

  private void send(HttpExchange exchange, JsonNode body) throws IOException {
    String head =
        body.has("rollouts")
            ? "event: rollouts\ndata: "
            : "event: rollout\nid: " + body.path("revision").asText() + "\ndata: ";
    byte[] data = ControlApi.write(body);
    byte[] start = head.getBytes(StandardCharsets.UTF_8);
    byte[] event = new byte[start.length + data.length + 2];
    System.arraycopy(start, 0, event, 0, start.length);
    System.arraycopy(data, 0, event, start.length, data.length);
    event[event.length - 2] = '\n';
    event[event.length - 1] = '\n';
    write(exchange, event);
  }

  private void write(HttpExchange exchange, byte[] bytes) throws IOException {
    OutputStream out = exchange.getResponseBody();
    door.write(
        exchange,
        () -> {
          out.write(bytes);
          out.flush();
        });
  }
}
