package io.serin.rehearsal.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All that was seen of one rollout on Serin's topics, in the order it was read. Copies of an
 * attempt are kept once and counted. Grows with the traffic: some hundred bytes an attempt.
 * Thread-safe.
 */
public final class Sightings {

  private final Map<String, Seen.Attempt> attempts = new LinkedHashMap<>();
  private final Map<WindowKey, Seen.Window> windows = new HashMap<>();
  private final List<Seen.Judged> verdicts = new ArrayList<>();
  private final List<Seen.Commanded> commands = new ArrayList<>();
  private final List<Seen.Acknowledged> acks = new ArrayList<>();
  private final List<Seen.Happened> events = new ArrayList<>();
  private final List<Seen.Decided> inputs = new ArrayList<>();
  private final List<Consumer<Seen>> listeners = new CopyOnWriteArrayList<>();
  private long copies;
  private long lastAttempts;

  private record WindowKey(
      String run, int stage, String variant, long windowMillis, Instant start) {}

  /**
   * All of it at one moment.
   *
   * @param attempts without copies
   * @param copies how many records were copies of another
   * @param windows the highest update of each window
   */
  public record Snapshot(
      List<Seen.Attempt> attempts,
      long copies,
      List<Seen.Window> windows,
      List<Seen.Judged> verdicts,
      List<Seen.Commanded> commands,
      List<Seen.Acknowledged> acks,
      List<Seen.Happened> events,
      List<Seen.Decided> inputs) {

    /** Nothing. */
    public static final Snapshot EMPTY =
        new Snapshot(
            List.of(), 0, List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
  }

  /**
   * Tells of each record from now on, once it was added.
   *
   * @param listener called on the thread that adds: must not block
   */
  public void listen(Consumer<Seen> listener) {
    listeners.add(listener);
  }

  /** Adds a record. */
  public void add(Seen seen) {
    keep(seen);
    listeners.forEach(listener -> listener.accept(seen));
  }

  private synchronized void keep(Seen seen) {
    switch (seen) {
      case Seen.Attempt attempt -> add(attempt);
      case Seen.Window window ->
          windows.merge(
              new WindowKey(
                  window.run(),
                  window.stage(),
                  window.variant(),
                  window.windowMillis(),
                  window.windowStart()),
              window,
              (old, fresh) -> fresh.update() >= old.update() ? fresh : old);
      case Seen.Judged verdict -> verdicts.add(verdict);
      case Seen.Commanded command -> commands.add(command);
      case Seen.Acknowledged ack -> acks.add(ack);
      case Seen.Happened event -> events.add(event);
      case Seen.Decided input -> inputs.add(input);
    }
  }

  private void add(Seen.Attempt attempt) {
    if (attempts.putIfAbsent(attempt.eventId(), attempt) != null) {
      copies++;
    } else if (attempt.last()) {
      lastAttempts++;
    }
  }

  /** How many requests were told to have ended, copies left out. */
  public synchronized long lastAttempts() {
    return lastAttempts;
  }

  /** Requests in the windows of 10 s of one run, by their highest updates. */
  public synchronized long metricRequests(String run) {
    return requests(windows.values(), run);
  }

  /** The newest command, if there is one. */
  public synchronized Seen.@Nullable Commanded newestCommand() {
    return commands.isEmpty() ? null : commands.getLast();
  }

  /** A copy. */
  public synchronized Snapshot snapshot() {
    return new Snapshot(
        List.copyOf(attempts.values()),
        copies,
        List.copyOf(windows.values()),
        List.copyOf(verdicts),
        List.copyOf(commands),
        List.copyOf(acks),
        List.copyOf(events),
        List.copyOf(inputs));
  }

  static long requests(Collection<Seen.Window> windows, String run) {
    return windows.stream()
        .filter(window -> window.windowMillis() == 10_000 && window.run().equals(run))
        .mapToLong(Seen.Window::requests)
        .sum();
  }
}
