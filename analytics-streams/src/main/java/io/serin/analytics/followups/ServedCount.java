package io.serin.analytics.followups;

import io.serin.schemas.EventKind;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RolloutEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Attempts that candidates served after the first bad one of a rollback, each once however often
 * its record was sent. An attempt belongs to the moment when it ended, by its router's clock. What
 * a router refused by itself nobody served.
 */
final class ServedCount {
  private final RolloutEvent rollback;
  private final Instant firstBadAt;
  private final Set<String> candidates;
  private final Set<String> seen = new HashSet<>();
  private final Set<String> units = new HashSet<>();
  private @Nullable Instant lastAt;

  private ServedCount(RolloutEvent rollback, Instant firstBadAt, Set<String> candidates) {
    this.rollback = rollback;
    this.firstBadAt = firstBadAt;
    this.candidates = candidates;
  }

  /** Null where the event is no end of a rollback, or the rollback had no first bad request. */
  static @Nullable ServedCount of(RolloutEvent event) {
    String firstBadAt = event.getDetails().get("firstBadAt");
    String candidates = event.getDetails().get("candidates");
    if ((event.getKind() != EventKind.ROLLBACK_CONFIRMED
            && event.getKind() != EventKind.ROLLBACK_UNCONFIRMED)
        || firstBadAt == null
        || candidates == null) {
      return null;
    }
    return new ServedCount(
        event, Instant.ofEpochMilli(Long.parseLong(firstBadAt)), Set.of(candidates.split(",", -1)));
  }

  Instant firstBadAt() {
    return firstBadAt;
  }

  /** Counts an attempt if it is one of these. */
  void see(RequestEvent attempt) {
    if (!attempt.getRun().equals(rollback.getRun())
        || !candidates.contains(attempt.getServedVariant())
        || attempt.getEndedAt().isBefore(firstBadAt)
        || attempt.getMeasurement().getOutcome() == Outcome.REJECTED
        || !seen.add(attempt.getId().toString())) {
      return;
    }
    units.add(attempt.getUnit());
    if (lastAt == null || attempt.getEndedAt().isAfter(lastAt)) {
      lastAt = attempt.getEndedAt();
    }
  }

  /** What serin.events is told; the first bad attempt itself is not among the requests. */
  RolloutEvent event(Instant now) {
    int more = Math.max(0, seen.size() - 1);
    Instant last = lastAt == null ? firstBadAt : lastAt;
    long millis = Duration.between(firstBadAt, last).toMillis();
    String names = String.join(", ", candidates.stream().sorted().toList());
    Map<String, String> details = new TreeMap<>();
    details.put("candidates", String.join(",", candidates.stream().sorted().toList()));
    details.put("requests", Integer.toString(more));
    details.put("units", Integer.toString(units.size()));
    details.put("firstBadAt", Long.toString(firstBadAt.toEpochMilli()));
    details.put("lastAt", Long.toString(last.toEpochMilli()));
    details.put("millis", Long.toString(millis));
    return RolloutEvent.newBuilder(rollback)
        .setKind(EventKind.ROLLBACK_COUNTED)
        .setAt(now)
        .setText(
            String.format(
                Locale.ROOT,
                "%s served %,d more %s after the first bad one, the last of them %,d ms later;"
                    + " %,d %s it in that time.",
                names,
                more,
                more == 1 ? "request" : "requests",
                millis,
                units.size(),
                units.size() == 1 ? "unit met" : "units met"))
        .setDetails(details)
        .build();
  }
}
