package io.serin.rollout.assignment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Units stay where they are: beside it, what the remainder of a hash does to them. */
class UnitsStayTest {
  private static final int WALKS = 300;
  private static final int STEPS = 8;

  @Test
  void shouldMoveOnlyUnitsOfVariantsThatChangeAndNoMoreThanItMust() {
    SplittableRandom random = new SplittableRandom(1);
    for (int walk = 0; walk < WALKS; walk++) {
      Split split = Split.all("control");
      for (int step = 0; step < STEPS; step++) {
        Map<String, Integer> wanted = wanted(random, split);
        Split next = split.reweight(wanted);
        int must = 0;
        for (String variant : new String[] {"control", "a", "b"}) {
          int before = split.weight(variant);
          int after = wanted.getOrDefault(variant, 0);
          int kept = split.slots(variant).intersect(next.slots(variant)).size();
          assertThat(kept)
              .as("%s of %d slots that gets %d keeps all it can", variant, before, after)
              .isEqualTo(Math.min(before, after));
          must += Math.max(0, after - before);
        }
        assertThat(moved(split, next)).isEqualTo(must);
        split = next;
      }
    }
  }

  /** One time in three a variant keeps its weight, so that its units must not move at all. */
  private static Map<String, Integer> wanted(SplittableRandom random, Split split) {
    Map<String, Integer> wanted = new TreeMap<>();
    int a = random.nextInt(3) == 0 ? split.weight("a") : random.nextInt(5_000);
    wanted.put("a", a);
    wanted.put("b", random.nextInt(Split.SLOTS - a));
    wanted.put("control", Split.SLOTS - a - wanted.getOrDefault("b", 0));
    return wanted;
  }

  @Test
  void shouldThrowNoCanaryUserBackWhereARemainderThrowsBack44Percent() {
    int units = 90_000;
    int canary = 0;
    int thrownBack = 0;
    for (int hash = 0; hash < units; hash++) {
      if (hash % 10 >= 9) { // 9:1, the remainder by the sum of weights
        canary++;
        thrownBack += hash % 18 < 9 ? 1 : 0; // 9:9
      }
    }
    Split before = Split.all("control").reweight(Map.of("control", 9_000, "canary", 1_000));
    Split after = before.reweight(Map.of("control", 5_000, "canary", 5_000));
    int stay = before.slots("canary").intersect(after.slots("canary")).size();
    System.out.printf(
        "9:1 -> 9:9, canary users thrown back: remainder %.1f %%, Serin %.1f %%%n",
        100.0 * thrownBack / canary, 100.0 * (1_000 - stay) / 1_000);

    assertThat((double) thrownBack / canary).isBetween(0.44, 0.45);
    assertThat(stay).isEqualTo(1_000);
  }

  private static int moved(Split before, Split after) {
    int stay = 0;
    for (String variant : before.weights().keySet()) {
      stay += before.slots(variant).intersect(after.slots(variant)).size();
    }
    return Split.SLOTS - stay;
  }
}
