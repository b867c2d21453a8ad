package io.serin.rehearsal.report;

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
    Seen.Commanded command, Seen.@Nullable Judged verdict, Map<String, @Nullable Instant> routers) {

  /** A router whose last heartbeat is older than this is not alive. */
  private static final Duration ALIVE = Duration.ofSeconds(5);

  /**
   * Finds it.
   *
   * @param candidates names of the variants that are not control
   */
  public static Optional<Rollback> find(
      Sightings.Snapshot seen, String run, Set<String> candidates) {
    for (Seen.Commanded command : seen.commands()) {
      if (!command.run().equals(run)) {
        continue;
      }
      boolean serves = command.shares().keySet().stream().anyMatch(candidates::contains);
      if (!serves && command.state().equals("ROLLED_BACK")) {
        return Optional.of(new Rollback(command, verdict(seen, command), routers(seen, command)));
      }
    }
    return Optional.empty();
  }

  private static Seen.@Nullable Judged verdict(Sightings.Snapshot seen, Seen.Commanded command) {
    return seen.verdicts().stream()
        .filter(verdict -> verdict.id().equals(command.causeId()))
        .findFirst()
        .orElseGet(
            () ->
                seen.verdicts().stream()
                    .filter(verdict -> verdict.run().equals(command.run()))
                    .filter(verdict -> verdict.decision().equals("ROLLBACK"))
                    .filter(verdict -> !verdict.at().isAfter(command.issuedAt()))
                    .max(Comparator.comparing(Seen.Judged::at))
                    .orElse(null));
  }

  private static Map<String, @Nullable Instant> routers(
      Sightings.Snapshot seen, Seen.Commanded command) {
    Map<String, @Nullable Instant> routers = new TreeMap<>();
    for (Seen.Acknowledged ack : seen.acks()) {
      Duration before = Duration.between(ack.at(), command.issuedAt());
      if (before.compareTo(ALIVE) <= 0 && !before.isNegative()) {
        routers.putIfAbsent(ack.router(), null);
      }
      Long revision = ack.revision();
      if (revision != null && revision >= command.revision() && routers.get(ack.router()) == null) {
        routers.put(ack.router(), ack.at());
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
