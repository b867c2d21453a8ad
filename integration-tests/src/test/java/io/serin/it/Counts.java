package io.serin.it;

import io.serin.schemas.EventId;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.VariantMetrics;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who was counted how often: on serin.requests, id by id, and on serin.metrics, in sum. */
final class Counts {

  private Counts() {}

  /**
   * Waits until the metrics have counted {@code wanted} requests of the rollout, and returns how
   * often each client request id was seen as a request's last attempt, redelivered events removed.
   */
  static Map<String, Integer> settled(KafkaConnection kafka, String rollout, long wanted) {
    Map<String, VariantMetrics> newest = new HashMap<>();
    Records.<VariantMetrics>until(
        kafka,
        Topics.METRICS,
        Duration.ofSeconds(60),
        metrics -> {
          if (metrics.getRollout().equals(rollout) && metrics.getWindowMillis() == 10_000) {
            newest.merge(
                metrics.getRun()
                    + "/"
                    + metrics.getStage()
                    + "/"
                    + metrics.getVariant()
                    + "/"
                    + metrics.getWindowStart(),
                metrics,
                (a, b) -> a.getUpdate() > b.getUpdate() ? a : b);
          }
          return newest.values().stream().mapToLong(VariantMetrics::getRequests).sum() >= wanted;
        });
    long counted = newest.values().stream().mapToLong(VariantMetrics::getRequests).sum();
    if (counted != wanted) {
      throw new AssertionError("the metrics count " + counted + " requests, not " + wanted);
    }
    return lastAttempts(kafka, rollout, wanted);
  }

  private static Map<String, Integer> lastAttempts(
      KafkaConnection kafka, String rollout, long wanted) {
    Set<EventId> seen = new HashSet<>();
    List<String> ids = new ArrayList<>();
    Records.<RequestEvent>until(
        kafka,
        Topics.REQUESTS,
        Duration.ofSeconds(30),
        event -> {
          if (event.getRollout().equals(rollout) && seen.add(event.getId()) && event.getLast()) {
            ids.add(String.valueOf(event.getClientRequestId()));
          }
          return ids.size() >= wanted;
        });
    Map<String, Integer> times = new HashMap<>();
    ids.forEach(id -> times.merge(id, 1, Integer::sum));
    return times;
  }
}
