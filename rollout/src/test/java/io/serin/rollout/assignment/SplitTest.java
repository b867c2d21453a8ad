package io.serin.rollout.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.serin.rollout.assignment.Split.Slice;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SplitTest {
  private static final List<String> NAMES = List.of("control", "a", "b", "c");

  @Test
  void shouldMoveOnlyUnitsOfVariantsWhoseWeightChanged() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      Split before = Split.all("control");
      for (int step = 0; step < 8; step++) {
        Map<String, Integer> wanted = weights(random, before);
        Split after = before.reweight(wanted);

        assertThat(after.weights()).isEqualTo(positive(wanted));
        for (String name : NAMES) {
          SlotSet had = before.slots(name);
          SlotSet has = after.slots(name);
          int kept = had.intersect(has).size();
          if (has.size() >= had.size()) {
            assertThat(kept)
                .as("%s grows and keeps all, seed %s", name, seed)
                .isEqualTo(had.size());
          } else {
            assertThat(kept)
                .as("%s shrinks and gains none, seed %s", name, seed)
                .isEqualTo(has.size());
          }
        }
        before = after;
      }
    }
  }

  @Test
  void shouldGiveTheSameSplitForTheSameHistory() {
    Split ramp =
        Split.all("control")
            .reweight(Map.of("control", 9_500, "candidate", 500))
            .reweight(Map.of("control", 7_500, "candidate", 2_500));

    assertThat(ramp.slices())
        .containsExactly(new Slice("control", 0, 7_500), new Slice("candidate", 7_500, 10_000));
  }

  @Test
  void shouldRefuseWhatIsNotTheWholeHashSpace() {
    assertThatThrownBy(() -> Split.all("control").reweight(Map.of("control", 9_999)))
        .hasMessageContaining("must be 10000");
    assertThatThrownBy(() -> new Split(List.of(new Slice("control", 0, 9_000))))
        .hasMessageContaining("ends at 9000");
    assertThatThrownBy(
            () -> new Split(List.of(new Slice("control", 0, 6_000), new Slice("a", 5_000, 10_000))))
        .hasMessageContaining("must start at 6000");
  }

  /** New weights; some variants keep theirs. */
  private static Map<String, Integer> weights(Random random, Split before) {
    Map<String, Integer> weights = new TreeMap<>();
    int left = Split.SLOTS;
    for (String name : NAMES.subList(1, NAMES.size())) {
      int weight =
          random.nextInt(3) == 0
              ? Math.min(left, before.weight(name))
              : random.nextInt(Math.min(left, 4_000) + 1);
      weights.put(name, weight);
      left -= weight;
    }
    weights.put("control", left);
    return weights;
  }

  private static Map<String, Integer> positive(Map<String, Integer> weights) {
    Map<String, Integer> positive = new TreeMap<>(weights);
    positive.values().removeIf(weight -> weight == 0);
    return positive;
  }
}
