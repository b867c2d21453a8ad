package io.serin.statistics.sequential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ExceedanceProcessTest {
  @Test
  void shouldSolveControlsRateFromThePooledOne() {
    for (double rho : new double[] {0.05, 0.25, 0.5, 0.9}) {
      for (double pooled : new double[] {0.01, 0.05, 0.5, 0.95}) {
        for (double odds : new double[] {0.125, 0.9, 1.1, 8}) {
          double p0 = ExceedanceBets.controlRate(pooled, rho, odds);
          double p1 = odds * p0 / (1 + (odds - 1) * p0);
          assertThat(rho * p1 + (1 - rho) * p0).isCloseTo(pooled, within(1e-12));
          assertThat(p0).isBetween(0.0, 1.0);
        }
      }
    }
  }

  @Test
  void shouldNotBetBeforeAVersionHasAHistory() {
    ExceedanceProcess process =
        new ExceedanceProcess(ExceedanceDesign.slower().withHistory(100, 50));
    Stratum half = new Stratum("50%", 0.5);
    for (int i = 0; i < 200; i++) {
      process.add(0, 1, half, i % 2 == 0, i % 2 == 0);
    }
    assertThat(process.logE()).isCloseTo(0, within(1e-12));
    process.add(1, 1, half, true, true);
    assertThat(process.logE()).isPositive();
    double before = process.logE();
    process.add(1, 2, half, true, true);
    assertThat(process.logE()).isEqualTo(before);
  }

  @Test
  void shouldStayTheSameBitForBitWhenOldWindowsAreFolded() {
    SplittableRandom random = new SplittableRandom(4);
    Stratum[] strata = {new Stratum("a", 0.05), new Stratum("b", 0.25)};
    ExceedanceProcess whole = new ExceedanceProcess(ExceedanceDesign.slower());
    ExceedanceProcess folding = new ExceedanceProcess(ExceedanceDesign.slower());
    for (int i = 0; i < 60_000; i++) {
      long window = i / 20L - (i % 7 == 0 ? random.nextInt(10) : 0);
      Stratum stratum = strata[random.nextInt(2)];
      boolean candidate = random.nextDouble() < stratum.probability();
      boolean above = random.nextDouble() < (candidate ? 0.06 : 0.05);
      whole.add(window, i / 5_000, stratum, candidate, above);
      folding.add(window, i / 5_000, stratum, candidate, above);
      if (i % 2_000 == 0) {
        folding.foldBefore(window - 50);
      }
      if (i % 9_000 == 0 && folding.folded().length > 0) {
        folding =
            ExceedanceProcess.of(
                folding.design(), Evidence.units(), folding.folded(), folding.counts());
      }
      if (i % 500 == 0) {
        assertThat(folding.mixture()).isEqualTo(whole.mixture());
      }
    }
    assertThat(folding.counts().size()).isLessThan(whole.counts().size() / 10);
    assertThat(folding.folded()).hasSizeLessThan(1_000);
  }

  @Test
  void shouldCountALateObservationOfAFoldedWindowInTheFirstOpenOne() {
    Stratum half = new Stratum("50%", 0.5);
    ExceedanceProcess process = new ExceedanceProcess(ExceedanceDesign.slower());
    for (int i = 0; i < 2_000; i++) {
      process.add(i / 10, 1, half, i % 2 == 0, i % 5 == 0);
    }
    long through = process.foldBefore(150);
    process.add(3, 1, half, true, true);
    assertThat(through).isBetween(64L, 149L);
    assertThat(process.counts().getFirst().window()).isEqualTo(through + 1);
    assertThat(
            ExceedanceProcess.of(
                    process.design(), Evidence.units(), process.folded(), process.counts())
                .logE())
        .isEqualTo(process.logE());
  }

  @Test
  void shouldNotChangeByABitWithOrderReadingOrMerging() {
    SplittableRandom random = new SplittableRandom(1);
    List<ExceedanceCounts> counts = new ArrayList<>();
    Stratum[] strata = {new Stratum("a", 0.05), new Stratum("b", 0.25)};
    for (int i = 0; i < 5_000; i++) {
      Stratum stratum = strata[random.nextInt(2)];
      boolean candidate = random.nextDouble() < stratum.probability();
      boolean above = random.nextDouble() < (candidate ? 0.1 : 0.05);
      counts.add(
          new ExceedanceCounts(
              i / 20,
              i / 1000,
              stratum,
              candidate && above ? 1 : 0,
              candidate && !above ? 1 : 0,
              !candidate && above ? 1 : 0,
              !candidate && !above ? 1 : 0));
    }
    ExceedanceProcess inOrder = new ExceedanceProcess(ExceedanceDesign.slower());
    counts.forEach(
        c -> {
          inOrder.add(c);
          inOrder.logE();
        });
    List<ExceedanceCounts> shuffled = new ArrayList<>(counts);
    Collections.shuffle(shuffled, new Random(2));
    ExceedanceProcess left = ExceedanceProcess.of(inOrder.design(), shuffled.subList(0, 2_000));
    ExceedanceProcess right =
        ExceedanceProcess.of(inOrder.design(), shuffled.subList(2_000, 5_000));
    left.logE();
    assertThat(merged(left, right).logE()).isEqualTo(inOrder.logE());
    ExceedanceProcess late = new ExceedanceProcess(inOrder.design());
    for (int i = 0; i < 5_000; i++) {
      // Every seventh observation comes 300 later than it should, and all is read in between.
      int at = i % 7 == 0 ? Math.floorMod(i - 2_100, 5_005) : i;
      if (at < 5_000) {
        late.add(counts.get(at));
        late.logE();
      }
    }
    assertThat(late.logE()).isEqualTo(ExceedanceProcess.of(late.design(), late.counts()).logE());
    assertThat(merged(right, left).counts()).isEqualTo(inOrder.counts());
  }

  private static ExceedanceProcess merged(ExceedanceProcess one, ExceedanceProcess other) {
    List<ExceedanceCounts> both = new ArrayList<>(one.counts());
    both.addAll(other.counts());
    return ExceedanceProcess.of(one.design(), both);
  }
}
