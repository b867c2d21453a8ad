package io.serin.rehearsal.report;

import io.serin.schemas.Command;
import io.serin.schemas.Decision;
import io.serin.schemas.RolloutState;
import io.serin.schemas.RouterAck;
import io.serin.schemas.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a candidate left the traffic.
 *
 * @param command the first that says so; it leaves the candidate no share
 * @param verdict the judgement behind the command; null where an action or a router's trip was
 * @param routers when each router that was alive acknowledged it; null for one that has not
 */
public record Rollback(
    Command command, @Nullable Verdict verdict, Map<String, @Nullable Instant> routers) {

  /** A router whose last heartbeat is older than this is not alive. */
  private static final Duration ALIVE = Duration.ofSeconds(5);

  /**
   * Finds it.
   *
   * @param candidates names of the variants that are not control
   */
  public static Optional<Rollback> find(
      TopicRecords.Snapshot seen, String run, Set<String> candidates) {
    for (Command command : seen.commands()) {
      if (!command.getRun().equals(run)) {
        continue;
      }
      boolean serves = StageStay.shares(command).keySet().stream().anyMatch(candidates::contains);
      if (!serves && command.getState() == RolloutState.ROLLED_BACK) {
        return Optional.of(new Rollback(command, verdict(seen, command), routers(seen, command)));
      }
    }
    return Optional.empty();
  }

  private static @Nullable Verdict verdict(TopicRecords.Snapshot seen, Command command) {
    return seen.verdicts().stream()
        .filter(verdict -> verdict.getId().equals(command.getCauseId()))
        .findFirst()
        .orElseGet(
            () ->
                seen.verdicts().stream()
                    .filter(verdict -> verdict.getRun().equals(command.getRun()))
                    .filter(verdict -> verdict.getDecision() == Decision.ROLLBACK)
                    .filter(verdict -> !verdict.getAt().isAfter(command.getIssuedAt()))
                    .max(Comparator.comparing(Verdict::getAt))
                    .orElse(null));
  }

  private static Map<String, @Nullable Instant> routers(
      TopicRecords.Snapshot seen, Command command) {
    Map<String, @Nullable Instant> routers = new TreeMap<>();
    for (RouterAck ack : seen.acks()) {
      Duration before = Duration.between(ack.getAt(), command.getIssuedAt());
      if (before.compareTo(ALIVE) <= 0 && !before.isNegative()) {
        routers.putIfAbsent(ack.getRouter(), null);
      }
      Long revision = ack.getRevisions().get(command.getRollout());
      if (revision != null
          && revision >= command.getRevision()
          && routers.get(ack.getRouter()) == null) {
        routers.put(ack.getRouter(), ack.getAt());
      }
    }
    return routers;
  }

  /** When the last router acknowledged; null while one has not. */
  public @Nullable Instant confirmedAt() {
    Instant last = null;
    for (Instant at : routers.values()) {
      if (at == null) {
        return null;
      }
      last = last == null || at.isAfter(last) ? at : last;
    }
    return last;
  }

  /** Routers that have not acknowledged. */
  public List<String> unconfirmed() {
    return routers.entrySet().stream()
        .filter(router -> router.getValue() == null)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The routers in the order in which they acknowledged, unconfirmed ones last. */
  Map<String, @Nullable Instant> inOrder() {
    Map<String, @Nullable Instant> sorted = new LinkedHashMap<>();
    routers.entrySet().stream()
        .sorted(
            Comparator.comparing(
                Map.Entry::getValue, Comparator.nullsLast(Comparator.<Instant>naturalOrder())))
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }
}
