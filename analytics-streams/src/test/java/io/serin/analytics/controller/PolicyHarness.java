package io.serin.analytics.controller;

import io.serin.analytics.observation.FirstRating;
import io.serin.analytics.observation.Observation;
import io.serin.analytics.observation.UnitHistory;
import io.serin.rollout.assignment.Split;
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

  final List<Output.Ordered> orders = new ArrayList<>();
  final List<Output.Weighed> weighed = new ArrayList<>();
  final List<Output.Judged> judged = new ArrayList<>();
  final List<Output.Told> told = new ArrayList<>();
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

  Output.Ordered newest() {
    return orders.getLast();
  }

  Phase phase() {
    return newest().phase();
  }

  /** The newest judgement of where a candidate stands. */
  Output.Weighed standing() {
    return weighed.getLast();
  }

  List<Output.Told.Kind> kinds() {
    return told.stream().map(Output.Told::kind).toList();
  }

  Output.Told told(Output.Told.Kind kind) {
    return told.stream().filter(event -> event.kind() == kind).findFirst().orElseThrow();
  }

  void apply(String run, String yaml) {
    step(new Input.Wanted(now, run, yaml, "ann", null));
  }

  /** Applies a file while a freeze of all rollouts stands. */
  void applyFrozen(String run, String yaml, String freeze) {
    step(new Input.Wanted(now, run, yaml, "ann", null, freeze));
  }

  void ask(Input.Asked.Kind kind) {
    ask(kind, null);
  }

  void ask(Input.Asked.Kind kind, @Nullable String variant) {
    step(new Input.Asked(now, kind, "ann", null, null, "key-" + ++keys, variant));
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
    routers.forEach((name, revision) -> step(new Input.Heard(now, name, "i", revision, Set.of())));
  }

  void heard(String router, long revision, String... trips) {
    step(new Input.Heard(now, router, "i", revision, Set.of(trips)));
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
    Output.Ordered order = newest();
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
                100L,
                null,
                null));
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
                  null)));
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
    for (int i = 0; i < requests && newest().phase().active(); i++) {
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
      step(new Input.Ticked(now));
    }
  }

  List<Output> step(Input input) {
    List<Output> outputs = decider.step(input);
    for (Output output : outputs) {
      switch (output) {
        case Output.Ordered ordered -> orders.add(ordered);
        case Output.Contained contained -> contained(contained);
        case Output.Weighed heavy -> weighed.add(heavy);
        case Output.Judged judgement -> judged.add(judgement);
        case Output.Told event -> told.add(event);
      }
    }
    return outputs;
  }

  private static void contained(Output.Contained contained) {
    throw new AssertionError("the policy does not fail by itself: " + contained);
  }
}
