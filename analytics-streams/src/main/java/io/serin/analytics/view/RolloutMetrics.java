package io.serin.analytics.view;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.serin.schemas.Command;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RolloutState;
import io.serin.schemas.Verdict;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Every rollout as gauges: state, stage, shares, each guard's evidence, routers, rollback time.
 * Retired rollouts are left out, and all beyond the first {@value #MOST}, so that series stay
 * bounded. Thread-safe.
 */
public final class RolloutMetrics {
  private static final int MOST = 1_000;

  private enum Family {
    STATE("serin.rollout.state", "1 for the state that a rollout is in"),
    STAGE("serin.rollout.stage", "Index of a rollout's stage, 0 for the first"),
    SHARE("serin.rollout.share", "Share of units of each variant, 0 to 1"),
    ROUTERS("serin.rollout.routers", "Routers by what they serve: newest, behind, or silent"),
    AGE("serin.rollout.evidence.age.seconds", "Time since a guard of the run last judged"),
    ROLLBACK(
        "serin.rollout.rollback.seconds",
        "From the last rollback's decision until every router obeyed"),
    EVIDENCE("serin.guard.evidence", "Natural logarithm of a guard's e-value"),
    THRESHOLD("serin.guard.threshold", "A guard acts where its evidence reaches this"),
    DECISION("serin.guard.decision", "1 for what a guard decided last");

    private final String meter;
    private final String help;

    Family(String meter, String help) {
      this.meter = meter;
      this.help = help;
    }
  }

  private final Map<Family, MultiGauge> gauges = new EnumMap<>(Family.class);
  private final RolloutView view;
  private final InstantSource clock;

  public RolloutMetrics(MeterRegistry registry, RolloutView view, InstantSource clock) {
    for (Family family : Family.values()) {
      gauges.put(
          family, MultiGauge.builder(family.meter).description(family.help).register(registry));
    }
    this.view = view;
    this.clock = clock;
  }

  /** Sets every gauge to what the view holds now. */
  public synchronized void refresh() {
    Instant now = clock.instant();
    Map<Family, List<MultiGauge.Row<?>>> rows = new EnumMap<>(Family.class);
    int shown = 0;
    for (RolloutView.Shown rollout : view.all()) {
      Command command = rollout.command();
      if (command != null && command.getState() != RolloutState.RETIRED && shown++ < MOST) {
        add(rows, rollout, command, now);
      }
    }
    gauges.forEach((family, gauge) -> gauge.register(rows.getOrDefault(family, List.of()), true));
  }

  private static void add(
      Map<Family, List<MultiGauge.Row<?>>> rows,
      RolloutView.Shown shown,
      Command command,
      Instant now) {
    Tags name = Tags.of("rollout", shown.rollout());
    put(rows, Family.STATE, name.and("state", word(command.getState())), 1);
    put(rows, Family.STAGE, name, command.getStage());
    RolloutView.slots(command)
        .forEach(
            (variant, slots) ->
                put(rows, Family.SHARE, name.and("variant", variant), slots / 10_000.0));
    Map<String, Integer> routers = new HashMap<>();
    for (RolloutView.Seen router : shown.routers()) {
      boolean newest = router.serves(shown.rollout(), command.getRevision());
      String state = !router.live(now) ? "silent" : newest ? "newest" : "behind";
      routers.merge(state, 1, Integer::sum);
    }
    routers.forEach((state, n) -> put(rows, Family.ROUTERS, name.and("state", state), n));
    Instant judged = null;
    for (Verdict verdict : shown.verdicts()) {
      if (verdict.getRun().equals(command.getRun())) {
        Tags guard = name.and("candidate", verdict.getCandidate(), "metric", verdict.getMetric());
        put(rows, Family.EVIDENCE, guard, verdict.getLogE());
        put(rows, Family.THRESHOLD, guard, verdict.getThreshold());
        put(rows, Family.DECISION, guard.and("decision", word(verdict.getDecision())), 1);
        judged = judged == null || verdict.getAt().isAfter(judged) ? verdict.getAt() : judged;
      }
    }
    if (judged != null) {
      double age = Math.max(0, now.toEpochMilli() - judged.toEpochMilli()) / 1e3;
      put(rows, Family.AGE, name, age);
    }
    for (RolloutEvent event : shown.events().reversed()) {
      String millis = event.getDetails().get("millisFromDecision");
      if (event.getKind() == EventKind.ROLLBACK_CONFIRMED
          && event.getRun().equals(command.getRun())
          && millis != null) {
        put(rows, Family.ROLLBACK, name, Long.parseLong(millis) / 1e3);
        break;
      }
    }
  }

  private static void put(
      Map<Family, List<MultiGauge.Row<?>>> rows, Family family, Tags tags, double value) {
    rows.computeIfAbsent(family, f -> new ArrayList<>()).add(MultiGauge.Row.of(tags, value));
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
