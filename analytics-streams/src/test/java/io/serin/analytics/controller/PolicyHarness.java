package io.serin.analytics.controller;

import io.serin.analytics.observation.FirstRating;
import io.serin.analytics.observation.Observation;
import io.serin.analytics.observation.UnitHistory;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.ActionKind;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import io.serin.schemas.RolloutStates;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The pure policy with its own clock, users that stick to slots, and routers that obey. */
final class PolicyHarness {
  static final long START = 1_793_606_400_000L;

  final List<Output.Command> orders = new ArrayList<>();
  final List<Output.StageVerdict> weighed = new ArrayList<>();
  final List<Output.GuardVerdict> judged = new ArrayList<>();
  final List<Output.Event> told = new ArrayList<>();
  final Map<String, Long> routers = new TreeMap<>();

  private Decider decider;
  private final Map<String, UnitHistory> histories = new HashMap<>();
  private boolean remembersUnits = true;
  private long now = START;
  private long keys;
  private @Nullable SplittableRandom raters;

  PolicyHarness() {
    this(new Decider("assistant"));
  }

  PolicyHarness(Decider decider) {
    this.decider = decider;
  }

  /** Every unit comes once: none need be remembered. */
  PolicyHarness withNewUnitsOnly() {
    remembersUnits = false;
    return this;
  }

  /** Half of all new units rate; one of four is not content. */
  PolicyHarness withRatings(SplittableRandom random) {
    raters = random;
    return this;
  }

  /** Another decider continues. */
  void restart(Decider continued) {
    decider = continued;
  }

  long now() {
    return now;
  }

  Status status() {
    return decider.status();
  }

  Output.Command newest() {
    return orders.getLast();
  }

  RolloutState phase() {
    return newest().phase();
  }

  /** The newest judgement of where a candidate stands. */
  Output.StageVerdict standing() {
    return weighed.getLast();
  }

  List<EventKind> kinds() {
    return told.stream().map(Output.Event::kind).toList();
  }

  Output.Event told(EventKind kind) {
    return told.stream().filter(event -> event.kind() == kind).findFirst().orElseThrow();
  }

  void apply(String run, String yaml) {
    step(new Input.Applied(now, run, yaml, "ann", null));
  }

  /** Applies a file while a freeze of all rollouts stands. */
  void applyFrozen(String run, String yaml, String freeze) {
    step(new Input.Applied(now, run, yaml, "ann", null, freeze));
  }

  void ask(ActionKind kind) {
    ask(kind, null);
  }

  void ask(ActionKind kind, @Nullable String variant) {
    step(new Input.Action(now, kind, "ann", null, null, "key-" + ++keys, variant));
  }

  /** Routers serve the newest command from now on, and say so each second that passes. */
  void obey(String... names) {
    for (String name : names) {
      routers.put(name, 0L);
    }
    beat();
  }

  private void beat() {
    routers.replaceAll((name, revision) -> newest().revision());
    routers.forEach(
        (name, revision) -> step(new Input.Heartbeat(now, name, "i", revision, Set.of())));
  }

  void heard(String router, long revision, String... trips) {
    step(new Input.Heartbeat(now, router, "i", revision, Set.of(trips)));
  }

  String variant(int slot) {
    for (Split.Slice range : newest().split().slices()) {
      if (slot < range.to()) {
        return range.variant();
      }
    }
    throw new AssertionError(slot);
  }

  /** One request of a unit that lies in this slot. */
  void request(String unit, int slot, Observation.End end, long micros) {
    request(unit, slot, end, micros, now);
  }

  void request(String unit, int slot, Observation.End end, long micros, long happenedAt) {
    observe(unit, slot, end, micros, happenedAt, "request of " + unit + " at " + happenedAt);
  }

  /** What is known of a request now: at its end, or while it is running. */
  void observe(
      String unit, int slot, Observation.End end, long micros, long happenedAt, String requestId) {
    Output.Command order = newest();
    UnitHistory history =
        remembersUnits
            ? histories.computeIfAbsent(order.run() + "/" + unit, u -> new UnitHistory())
            : new UnitHistory();
    UnitHistory.Seeing seeing =
        history.see(
            new UnitHistory.Request(
                order.revision(),
                order.split(),
                variant(slot),
                order.stage(),
                happenedAt,
                end,
                false,
                false,
                null,
                micros,
                null,
                end == Observation.End.RUNNING ? null : Long.valueOf(100),
                null,
                null),
            requestId,
            happenedAt - micros / 1_000);
    if (seeing.news().tells()) {
      step(
          new Input.Observed(
              now,
              new Observation(
                  order.run(),
                  order.stage(),
                  unit,
                  variant(slot),
                  happenedAt,
                  seeing.label().name(),
                  seeing.label().slots(),
                  order.split().weights(),
                  seeing.news(),
                  false,
                  end,
                  null,
                  micros,
                  100L,
                  null,
                  null,
                  seeing.progress())));
    }
    if (raters != null && raters.nextBoolean()) {
      step(
          new Input.Rating(
              now,
              new FirstRating(
                  order.run(),
                  order.stage(),
                  unit,
                  variant(slot),
                  happenedAt,
                  seeing.label().name(),
                  seeing.label().slots(),
                  raters.nextInt(4) == 0)));
    }
  }

  /** Requests of new units, one after another, whose failures depend on their variant. */
  void traffic(SplittableRandom random, int requests, Duration apart, Map<String, Double> errors) {
    for (int i = 0; i < requests && RolloutStates.active(newest().phase()); i++) {
      int slot = random.nextInt(Split.SLOTS);
      boolean fails = random.nextDouble() < errors.getOrDefault(variant(slot), 0.0);
      request(
          "unit-" + random.nextLong(),
          slot,
          fails ? Observation.End.FAILED : Observation.End.OK,
          Math.round(100_000 * Math.exp(gaussian(random) / 2)));
      pass(apart);
    }
  }

  static double gaussian(SplittableRandom random) {
    return Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
        * Math.cos(2 * Math.PI * random.nextDouble());
  }

  /** Time passes: routers are heard each second, and the clock wakes the controller where due. */
  void pass(Duration time) {
    long until = now + time.toMillis();
    while (now < until) {
      now = Math.min(until, now / 1_000 * 1_000 + 1_000);
      if (now % 1_000 == 0) {
        beat();
      }
      wake();
    }
  }

  /** The clock of the controller shows another time, without any having passed. */
  void jump(Duration by) {
    now += by.toMillis();
    wake();
  }

  void wake() {
    if (decider.due(now)) {
      step(new Input.Tick(now));
    }
  }

  List<Output> step(Input input) {
    List<Output> outputs = decider.step(input);
    for (Output output : outputs) {
      switch (output) {
        case Output.Command ordered -> orders.add(ordered);
        case Output.ControlOnly contained -> contained(contained);
        case Output.StageVerdict heavy -> weighed.add(heavy);
        case Output.GuardVerdict judgement -> judged.add(judgement);
        case Output.Event event -> told.add(event);
      }
    }
    return outputs;
  }

  private static void contained(Output.ControlOnly contained) {
    throw new AssertionError("the policy does not fail by itself: " + contained);
  }
}
