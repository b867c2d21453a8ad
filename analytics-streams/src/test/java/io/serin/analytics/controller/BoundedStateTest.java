package io.serin.analytics.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.analytics.judge.CellCodec;
import io.serin.analytics.judge.CellKey;
import io.serin.analytics.judge.Cells;
import io.serin.analytics.observation.Observation;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.RolloutStates;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the judge remembers does not grow with the length of a run. */
class BoundedStateTest {
  private static final String FILE =
      """
      rollout: assistant
      unit: [header:x-user-id]
      variants:
        control:   {url: http://localhost:8101/v1}
        candidate: {url: http://localhost:8102/v1}
      stages:
        - {weight: 25%, for: 40d}
      """;
  private static final String GUARDS =
      """
      guards:
        - {metric: error.rate, worseBy: 0, atLeast: 0.5pp, then: rollback}
        - {metric: feedback,   worseBy: 0, atLeast: 2pp, then: rollback}
      """;
  private static final long HEAP = 64L << 20;

  /**
   * Seconds between two new units. With {@code -Dserin.simulation.spacing=10} each window of 10 s
   * has one, the worst case: more units only raise counts. It takes a minute or two.
   */
  private static final int SPACING = Integer.getInteger("serin.simulation.spacing", 120);

  private final SplittableRandom random = new SplittableRandom(7);

  @Test
  void shouldKeepFiveWeeksInTheStateOfADay() {
    long before = heap();
    Decider decider = new Decider("assistant");
    PolicyHarness policy = new PolicyHarness(decider).withNewUnitsOnly();
    policy.apply("run-1", FILE);
    policy.obey("router-1");
    days(policy, decider, 1);
    long day = size(decider.cells().all());
    days(policy, decider, 34);
    Map<CellKey, long[]> cells = decider.cells().all();
    assertThat(RolloutStates.active(policy.phase())).isTrue();
    assertThat(size(cells)).isLessThan(2 * day).isLessThan(4L << 20);
    assertThat(heap() - before).isLessThan(HEAP);
  }

  @Test
  void shouldKeepFiveWeeksOfRatingsInTheStateOfADayOverARestart() {
    Decider decider = new Decider("assistant");
    PolicyHarness policy = new PolicyHarness(decider).withNewUnitsOnly().withRatings(random);
    policy.apply("run-1", FILE + GUARDS);
    policy.obey("router-1");
    days(policy, decider, 1);
    long day = size(decider.cells().all());
    days(policy, decider, 17);
    Decider restarted = new Decider("assistant", decider.status(), Cells.of(decider.cells().all()));
    policy.restart(restarted);
    days(policy, restarted, 17);
    Map<CellKey, long[]> cells = restarted.cells().all();
    assertThat(RolloutStates.active(policy.phase())).isTrue();
    assertThat(cells.keySet()).anyMatch(key -> key.owner().startsWith("ratings|"));
    assertThat(size(cells)).isLessThan(2 * day).isLessThan(4L << 20);
  }

  private void days(PolicyHarness policy, Decider decider, int days) {
    for (int unit = 0; unit < days * 86_400 / SPACING; unit++) {
      int slot = random.nextInt(Split.SLOTS);
      boolean fails = random.nextDouble() < 0.01;
      policy.request(
          "unit",
          slot,
          fails ? Observation.End.FAILED : Observation.End.OK,
          Math.round(100_000 * Math.exp(PolicyHarness.gaussian(random) / 2)));
      policy.jump(Duration.ofSeconds(SPACING));
      if (unit % 100 == 0) {
        decider.cells().drain();
        policy.judged.clear();
        policy.weighed.clear();
        policy.told.clear();
      }
    }
  }

  /** Bytes of names and counts, about. */
  private static long size(Map<CellKey, long[]> cells) {
    return cells.entrySet().stream()
        .mapToLong(
            cell -> 2L * CellCodec.write(cell.getKey()).length() + 8L * cell.getValue().length)
        .sum();
  }

  private static long heap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
