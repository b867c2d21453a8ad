package io.serin.analytics.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.analytics.rollout.Split;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UnitHistoryTest {
  private static final Split FIVE =
      Split.all("control").reweight(Map.of("control", 9_500, "candidate", 500));
  private static final Split QUARTER = FIVE.reweight(Map.of("control", 7_500, "candidate", 2_500));

  @Test
  void shouldKnowNothingOfANewUnit() {
    UnitHistory.News news = see(new UnitHistory(), 2, QUARTER, "candidate", 1);

    assertThat(news.labelClass()).isEqualTo("0-10000");
    assertThat(news.labelSlots()).isEqualTo(Map.of("control", 7_500, "candidate", 2_500));
  }

  @Test
  void shouldKnowThatAnEarlierControlUnitLiesInWhatControlHad() {
    UnitHistory history = new UnitHistory();
    see(history, 1, FIVE, "control", 0);

    UnitHistory.News news = see(history, 2, QUARTER, "candidate", 1);

    assertThat(news.labelSlots())
        .as("(.25 − .05) / (1 − .05)")
        .isEqualTo(Map.of("control", 7_500, "candidate", 2_000));
  }

  @Test
  void shouldLearnNothingFromAnEarlierCandidateUnitThatStays() {
    UnitHistory history = new UnitHistory();
    see(history, 1, FIVE, "candidate", 0);

    assertThat(see(history, 2, QUARTER, "candidate", 1).labelSlots())
        .isEqualTo(Map.of("control", 0, "candidate", 500));
  }

  @Test
  void shouldTakeANewRevisionOfTheSameSplitForTheSame() {
    UnitHistory history = new UnitHistory();
    see(history, 1, QUARTER, "candidate", 0);

    assertThat(see(history, 2, QUARTER, "candidate", 0).labelSlots())
        .isEqualTo(Map.of("control", 7_500, "candidate", 2_500));
  }

  @Test
  void shouldTellFirstEventsOnce() {
    UnitHistory history = new UnitHistory();
    UnitHistory.News first = fail(history);
    UnitHistory.News second = fail(UnitHistory.fromBytes(history.toBytes()));

    assertThat(first.first() && first.firstError() && first.slowest()).isTrue();
    assertThat(first.previousSlowestMicros()).isNull();
    assertThat(second.tells()).isFalse();
  }

  @Test
  void shouldGiveLabelsTheProbabilityThatSlotsHave() {
    Random random = new Random(1);
    Split half = QUARTER.reweight(Map.of("control", 5_000, "candidate", 5_000));
    Map<String, double[]> byClass = new HashMap<>();
    for (int i = 0; i < 40_000; i++) {
      int slot = random.nextInt(Split.SLOTS);
      UnitHistory history = new UnitHistory();
      if (random.nextBoolean()) {
        see(history, 1, FIVE, owner(FIVE, slot), 0);
      }
      if (random.nextBoolean()) {
        see(history, 2, QUARTER, owner(QUARTER, slot), 1);
      }
      UnitHistory.News news = see(history, 3, half, owner(half, slot), 2);
      double candidate = news.labelSlots().getOrDefault("candidate", 0);
      double[] sums = byClass.computeIfAbsent(news.labelClass(), c -> new double[3]);
      sums[0]++;
      sums[1] += owner(half, slot).equals("candidate") ? 1 : 0;
      sums[2] = candidate / (candidate + news.labelSlots().getOrDefault("control", 0));
    }

    assertThat(byClass).hasSizeGreaterThanOrEqualTo(4);
    byClass.forEach(
        (name, sums) ->
            assertThat(Math.abs(sums[1] / sums[0] - sums[2]))
                .as(name)
                .isLessThan(4 * Math.sqrt(0.25 / sums[0])));
  }

  private static String owner(Split split, int slot) {
    return split.ranges().stream()
        .filter(range -> range.from() <= slot && slot < range.to())
        .findFirst()
        .orElseThrow()
        .variant();
  }

  private static UnitHistory.News see(
      UnitHistory history, long revision, Split split, String variant, int stage) {
    return history.see(revision, split, variant, stage, Sight.End.OK, false, true, 1_000);
  }

  private static UnitHistory.News fail(UnitHistory history) {
    return history.see(1, FIVE, "control", 0, Sight.End.FAILED, false, true, Long.MAX_VALUE);
  }
}
