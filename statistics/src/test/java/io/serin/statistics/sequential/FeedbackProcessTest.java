package io.serin.statistics.sequential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.serin.statistics.sequential.ConditionalTables.Block;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FeedbackProcessTest {
  private static final Stratum FIVE = new Stratum("5%", 0.05);
  private static final Stratum HALF = new Stratum("50%", 0.5);

  @Test
  void shouldBetOnABlockOnceItIsCompleteAndClosed() {
    FeedbackDesign design = new FeedbackDesign(List.of(2.0, 4.0), 1, 4, 1_000, 1);
    FeedbackProcess process = new FeedbackProcess(design);
    process.add(new FeedbackCounts(1, HALF, 2, 2, 0, 1));
    process.add(new FeedbackCounts(2, HALF, 0, 0, 1, 2));
    assertThat(process.logE()).as("three ratings are no block").isEqualTo(0);
    process.add(new FeedbackCounts(3, FIVE, 0, 1, 0, 0));
    Block block = new Block(2, 2, 1, 3);
    double expected =
        Math.log(
            0.5 * Math.exp(ConditionalTables.logFactor(block, 2, 1))
                + 0.5 * Math.exp(ConditionalTables.logFactor(block, 4, 1)));
    assertThat(process.logE()).isCloseTo(expected, within(1e-12));
    assertThat(process.blocks()).isEqualTo(1);
    // By hand: of C(5,3) = 10 ways, a = 2 has C(2,2)·C(3,1) = 3; weights a=0: 1, a=1: 6, a=2: 3.
    assertThat(Math.exp(ConditionalTables.logFactor(block, 2, 1)))
        .isCloseTo((3 * 4 / (1 + 6 * 2 + 3 * 4.0)) / (3 / 10.0), within(1e-12));
  }

  @Test
  void shouldWaitForARatingOfEachArm() {
    FeedbackProcess process = new FeedbackProcess(FeedbackDesign.worse());
    for (int window = 0; window < 100; window++) {
      process.add(window, FIVE, false, window % 3 == 0);
    }
    assertThat(process.blocks()).isZero();
    process.add(100, FIVE, true, true);
    process.add(101, FIVE, false, false);
    assertThat(process.blocks()).isEqualTo(1);
  }

  @Test
  void shouldKeepItsLevelWhereTheArmsRateUnequallyOftenAndTheMoodDrifts() {
    int runs = 1_500;
    int fired = 0;
    int noticed = 0;
    for (int run = 0; run < runs; run++) {
      SplittableRandom random = new SplittableRandom(7_000 + run);
      FeedbackProcess process = new FeedbackProcess(FeedbackDesign.worse());
      double largest = 0;
      for (int window = 0; window < 80; window++) {
        double bad = 0.2 + 0.3 * Math.sin(window / 15.0) * Math.sin(window / 15.0);
        for (int i = 0; i < 10; i++) {
          boolean candidate = random.nextDouble() < 0.4;
          // The candidate's users rate twice as often.
          if (random.nextDouble() < (candidate ? 0.8 : 0.4)) {
            process.add(window, new Stratum("40%", 0.4), candidate, random.nextDouble() < bad);
          }
        }
        largest = Math.max(largest, process.logE());
      }
      fired += largest >= Math.log(5) ? 1 : 0;
      noticed += process.whoRatesLogE() >= Math.log(20) ? 1 : 0;
    }
    assertThat(fired).isPositive();
    assertThat((double) fired / runs).isLessThan(0.2 + 2 * Math.sqrt(0.2 * 0.8 / runs));
    assertThat((double) noticed / runs).as("that the arms rate unequally").isGreaterThan(0.95);
  }

  @Test
  void shouldFindACandidateThatPleasesLess() {
    int found = 0;
    for (int run = 0; run < 200; run++) {
      SplittableRandom random = new SplittableRandom(9_000 + run);
      FeedbackProcess process = new FeedbackProcess(FeedbackDesign.worse());
      for (int i = 0; i < 3_000 && process.logE() < Math.log(500); i++) {
        boolean candidate = random.nextDouble() < 0.25;
        process.add(
            i / 5,
            new Stratum("25%", 0.25),
            candidate,
            random.nextDouble() < (candidate ? 0.3 : 0.2));
      }
      found += process.logE() >= Math.log(500) ? 1 : 0;
    }
    assertThat(found).isGreaterThan(180);
  }

  @Test
  void shouldGiveTheSameBitsInAnyOrderAndPartition() {
    SplittableRandom random = new SplittableRandom(5);
    List<FeedbackCounts> ratings = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      boolean candidate = random.nextInt(3) == 0;
      boolean bad = random.nextInt(4) == 0;
      ratings.add(
          new FeedbackCounts(
              i / 7,
              i % 2 == 0 ? FIVE : HALF,
              candidate && bad ? 1 : 0,
              candidate ? 1 : 0,
              !candidate && bad ? 1 : 0,
              candidate ? 0 : 1));
    }
    FeedbackProcess ordered = FeedbackProcess.of(FeedbackDesign.different(), ratings);
    Collections.shuffle(ratings, new Random(11));
    FeedbackProcess left = new FeedbackProcess(FeedbackDesign.different());
    FeedbackProcess right = new FeedbackProcess(FeedbackDesign.different());
    for (FeedbackCounts each : ratings) {
      (random.nextBoolean() ? left : right).add(each);
      left.logE();
    }
    List<FeedbackCounts> both = new ArrayList<>(right.counts());
    both.addAll(left.counts());
    FeedbackProcess merged = FeedbackProcess.of(FeedbackDesign.different(), both);
    assertThat(merged.logE()).isEqualTo(ordered.logE());
    assertThat(merged.whoRatesLogE()).isEqualTo(ordered.whoRatesLogE());
    assertThat(FeedbackProcess.of(FeedbackDesign.different(), merged.counts()).logE())
        .isEqualTo(ordered.logE());
    assertThat(merged.counts()).isEqualTo(ordered.counts());
  }

  @Test
  void shouldStayTheSameBitForBitWhenOldWindowsAreFolded() {
    SplittableRandom random = new SplittableRandom(6);
    FeedbackProcess whole = new FeedbackProcess(FeedbackDesign.worse());
    FeedbackProcess folding = new FeedbackProcess(FeedbackDesign.worse());
    Map<Stratum, long[]> ratings = new TreeMap<>();
    Map<Stratum, long[]> open = new TreeMap<>();
    for (int i = 0; i < 4_000; i++) {
      Stratum stratum = i / 500 % 2 == 0 ? FIVE : HALF;
      // Every ninth rating comes up to twenty windows late, within what stays open.
      long window = (long) i / 5 - (i % 9 == 0 ? random.nextInt(20) : 0);
      boolean candidate = random.nextInt(4) == 0;
      boolean bad = random.nextInt(candidate ? 3 : 5) == 0;
      whole.add(window, stratum, candidate, bad);
      folding.add(window, stratum, candidate, bad);
      long[] sums = ratings.computeIfAbsent(stratum, added -> new long[4]);
      sums[candidate ? 1 : 3]++;
      sums[candidate ? 0 : 2] += bad ? 1 : 0;
      if (i % 300 == 299) {
        folding.foldBefore(window - 50);
      }
      if (i % 700 == 699) {
        FeedbackProcess kept = folding;
        open.clear();
        kept.counts().forEach(c -> subtract(open, c));
        List<FeedbackCounts> before = new ArrayList<>();
        ratings.forEach(
            (of, all) -> {
              long[] later = open.getOrDefault(of, new long[4]);
              before.add(
                  new FeedbackCounts(
                      0,
                      of,
                      all[0] + later[0],
                      all[1] + later[1],
                      all[2] + later[2],
                      all[3] + later[3]));
            });
        folding =
            FeedbackProcess.of(
                kept.design(), kept.folded(), kept.foldedBlocks(), before, kept.counts());
      }
      assertThat(folding.logE()).isEqualTo(whole.logE());
      assertThat(folding.whoRatesLogE()).isEqualTo(whole.whoRatesLogE());
    }
    assertThat(folding.mixture()).isEqualTo(whole.mixture());
    assertThat(folding.blocks()).isEqualTo(whole.blocks()).isGreaterThan(50);
    assertThat(folding.counts().size()).isLessThan(whole.counts().size() / 3);
  }

  private static void subtract(Map<Stratum, long[]> from, FeedbackCounts c) {
    long[] sums = from.computeIfAbsent(c.stratum(), added -> new long[4]);
    sums[0] -= c.candidateBad();
    sums[1] -= c.candidateRated();
    sums[2] -= c.controlBad();
    sums[3] -= c.controlRated();
  }

  @Test
  void shouldRefuseWhatCannotBe() {
    assertThatThrownBy(() -> new FeedbackCounts(0, HALF, 2, 1, 0, 0)).hasMessageContaining("rated");
    assertThatThrownBy(() -> new FeedbackDesign(List.of(2.0), 1, 1, 1, 1))
        .hasMessageContaining("ratingsPerBlock");
  }
}
