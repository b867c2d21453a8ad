package io.serin.rehearsal.report;

import io.serin.schemas.Command;
import io.serin.schemas.DecisionInput;
import io.serin.schemas.EventId;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RouterAck;
import io.serin.schemas.VariantMetrics;
import io.serin.schemas.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * The records of one rollout on Serin's topics, in the order they were read, with the heartbeats of
 * all routers. Copies of an attempt are kept once and counted. Grows with the traffic: about two
 * kilobytes an attempt. Thread-safe.
 */
public final class TopicRecords {

  private final String rollout;
  private final Map<EventId, RequestEvent> attempts = new LinkedHashMap<>();
  private final Map<WindowKey, VariantMetrics> windows = new HashMap<>();
  private final List<Verdict> verdicts = new ArrayList<>();
  private final List<Command> commands = new ArrayList<>();
  private final List<RouterAck> acks = new ArrayList<>();
  private final List<RolloutEvent> events = new ArrayList<>();
  private final List<Instant> inputs = new ArrayList<>();
  private final List<Consumer<RolloutEvent>> listeners = new CopyOnWriteArrayList<>();
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
   * @param inputs when the broker took each input of the controller
   */
  public record Snapshot(
      List<RequestEvent> attempts,
      long copies,
      List<VariantMetrics> windows,
      List<Verdict> verdicts,
      List<Command> commands,
      List<RouterAck> acks,
      List<RolloutEvent> events,
      List<Instant> inputs) {}

  public TopicRecords(String rollout) {
    this.rollout = rollout;
  }

  /**
   * Hands over each event of the rollout from now on, once it was added.
   *
   * @param listener called on the thread that adds: must not block
   */
  public void listen(Consumer<RolloutEvent> listener) {
    listeners.add(listener);
  }

  /**
   * Adds a record; one of another rollout is skipped.
   *
   * @param appendedAt when the broker took it
   */
  public void add(SpecificRecord record, Instant appendedAt) {
    keep(record, appendedAt);
    if (record instanceof RolloutEvent event && event.getRollout().equals(rollout)) {
      listeners.forEach(listener -> listener.accept(event));
    }
  }

  private synchronized void keep(SpecificRecord record, Instant appendedAt) {
    switch (record) {
      case RequestEvent event when event.getRollout().equals(rollout) -> attempt(event);
      case VariantMetrics metrics when metrics.getRollout().equals(rollout) ->
          windows.merge(
              new WindowKey(
                  metrics.getRun(),
                  metrics.getStage(),
                  metrics.getVariant(),
                  metrics.getWindowMillis(),
                  metrics.getWindowStart()),
              metrics,
              (old, fresh) -> fresh.getUpdate() >= old.getUpdate() ? fresh : old);
      case Verdict verdict when verdict.getRollout().equals(rollout) -> verdicts.add(verdict);
      case Command command when command.getRollout().equals(rollout) -> commands.add(command);
      case RouterAck ack -> acks.add(ack);
      case RolloutEvent event when event.getRollout().equals(rollout) -> events.add(event);
      case DecisionInput input when input.getRollout().equals(rollout) -> inputs.add(appendedAt);
      default -> {}
    }
  }

  private void attempt(RequestEvent attempt) {
    if (attempts.putIfAbsent(attempt.getId(), attempt) != null) {
      copies++;
    } else if (attempt.getLast()) {
      lastAttempts++;
    }
  }

  /** How many requests have ended, copies not counted. */
  public synchronized long lastAttempts() {
    return lastAttempts;
  }

  /** Requests in the windows of 10 s of one run, by their highest updates. */
  public synchronized long metricRequests(String run) {
    return requests(windows.values(), run);
  }

  /** The newest command, if there is one. */
  public synchronized @Nullable Command newestCommand() {
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

  static long requests(Collection<VariantMetrics> windows, String run) {
    return windows.stream()
        .filter(window -> window.getWindowMillis() == 10_000 && window.getRun().equals(run))
        .mapToLong(VariantMetrics::getRequests)
        .sum();
  }
}
