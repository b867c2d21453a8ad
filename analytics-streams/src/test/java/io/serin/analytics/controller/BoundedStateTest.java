package io.serin.analytics.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.analytics.observation.Observation;
import io.serin.rollout.assignment.Split;
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
    Map<String, long[]> cells = decider.cells().all();
    assertThat(policy.phase().active()).isTrue();
    assertThat(size(cells)).isLessThan(2 * day).isLessThan(4L << 20);
    assertThat(heap() - before).isLessThan(HEAP);
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
  private static long size(Map<String, long[]> cells) {
    return cells.entrySet().stream()
        .mapToLong(cell -> 2L * cell.getKey().length() + 8L * cell.getValue().length)
        .sum();
  }

  private static long heap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
