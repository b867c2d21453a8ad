package io.serin.statistics.sequential;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/**
 * Evidence where units near in time are not independent. Quick by default; {@code
 * -Dserin.simulation.runs=300} is the long form.
 */
class EvidenceTest {
  private static final int RUNS = Integer.getInteger("serin.simulation.runs", 40);
  private static final Stratum QUARTER = new Stratum("25%", 0.25);
  private static final double ALPHA = 0.01;

  /** The height of one of the default's latency guards. */
  private static final double FIRES = -StrictMath.log(ALPHA * 0.135);

  private static final int WINDOWS_OF_A_DAY = 8_640;
  private static final long PER_WINDOW = 40;

  private static final Evidence BLOCKS = new Evidence.Blocks(5 * Evidence.MINUTE, 0.05);

  @Test
  void shouldNotFireWhereServersHaveSlowSpellsOfTheirOwn() {
    int units = 0;
    int blocks = 0;
    for (int seed = 0; seed < RUNS; seed++) {
      units += fires(Evidence.units(), seed, spells(seed, 0.35), spells(-seed - 1, 0.35)) ? 1 : 0;
      blocks += fires(BLOCKS, seed, spells(seed, 0.35), spells(-seed - 1, 0.35)) ? 1 : 0;
    }
    System.out.printf(
        "own slow spells, α .01, a day, %d runs: units %d fire, blocks %d%n", RUNS, units, blocks);
    assertThat(units).as("units are not independent").isGreaterThan(RUNS / 4);
    assertThat(blocks).isLessThanOrEqualTo(atMost());
  }

  @Test
  void shouldNotFireWhereMinutesAreCorrelated() {
    Evidence blocks = new Evidence.Blocks(5 * Evidence.MINUTE, 0.5);
    int fired = 0;
    for (int seed = 0; seed < RUNS; seed++) {
      fired += fires(blocks, seed, correlated(seed, 0.36), correlated(-seed - 1, 0)) ? 1 : 0;
    }
    System.out.printf("own correlated minutes, %d runs: %d fire%n", RUNS, fired);
    assertThat(fired).isLessThanOrEqualTo(atMost());
  }

  @Test
  void shouldFireWithinAnHourWhereTheCandidateIsSlow() {
    ExceedanceProcess process = new ExceedanceProcess(ExceedanceDesign.slower(), BLOCKS);
    SplittableRandom random = new SplittableRandom(1);
    long window = 0;
    while (process.logE() < FIRES && window < WINDOWS_OF_A_DAY) {
      add(process, random, window++, 0.12, 0.05);
    }
    System.out.printf(".05 → .12 above c_.95, 4 units a second: found in %.0f min%n", window / 6.0);
    assertThat(window / 6).isBetween(45L, 90L);
  }

  @Test
  void shouldGrowToLongerBlocksOnlyWhereBlocksAreCorrelated() {
    BlockWealth calm = new BlockWealth(6, 3, 0.8);
    BlockWealth rough = new BlockWealth(6, 3, 0.8);
    SplittableRandom random = new SplittableRandom(2);
    double shock = 0;
    for (long window = 0; window < 2_000; window++) {
      shock = 0.98 * shock + 0.2 * random.nextGaussian();
      add(calm, window, 0.5 + random.nextGaussian());
      add(rough, window, 3 * shock + random.nextGaussian());
    }
    LongStates.Writer ofCalm = new LongStates.Writer();
    LongStates.Writer ofRough = new LongStates.Writer();
    calm.write(ofCalm);
    rough.write(ofRough);
    assertThat(length(ofRough)).isGreaterThan(8 * 6);
    assertThat(length(ofCalm)).isLessThanOrEqualTo(2 * 6);
  }

  @Test
  void shouldFindWhatFailsNearlyAlwaysAtOnceAndKeepQuietWhereBothDo() {
    Evidence usual = new Evidence.Gross(0.25, 0.01);
    ExceedanceProcess hangs = new ExceedanceProcess(ExceedanceDesign.slower(), usual);
    ExceedanceProcess both = new ExceedanceProcess(ExceedanceDesign.slower(), usual);
    ExceedanceProcess spell = new ExceedanceProcess(ExceedanceDesign.slower(), usual);
    SplittableRandom random = new SplittableRandom(3);
    for (long window = 0; window < 360; window++) {
      add(hangs, random, window, 0.01, 0.01);
    }
    double most = 0;
    for (long window = 360; window < 720; window++) {
      add(both, random, window, 0.7, 0.7);
      add(spell, random, window, 0.24, 0.01);
      most = Math.max(most, Math.max(both.logE(), spell.logE()));
    }
    assertThat(most).as("both arms fail, or usual trouble").isLessThan(FIRES);

    int needed = 0;
    while (hangs.logE() < FIRES - StrictMath.log(0.1)) {
      needed++;
      hangs.add(360, 0, QUARTER, true, true);
      for (int control = 0; control < 3; control++) {
        hangs.add(360, 0, QUARTER, false, false);
      }
    }
    System.out.printf("hangs after a quiet hour: found after %d units%n", needed);
    assertThat(needed).isLessThan(40);
  }

  @Test
  void shouldTakeControlsWorstMinuteAsUsual() {
    ExceedanceProcess process =
        new ExceedanceProcess(ExceedanceDesign.slower(), new Evidence.Gross(0.1, 0.01));
    SplittableRandom random = new SplittableRandom(4);
    for (long window = 0; window < 720; window++) {
      boolean ofControl = window >= 300 && window < 318;
      boolean ofCandidate = window >= 600 && window < 618;
      add(process, random, window, ofCandidate ? 0.6 : 0.01, ofControl ? 0.6 : 0.01);
      assertThat(process.logE()).as("window %d", window).isLessThan(FIRES);
    }
  }

  @Test
  void shouldStayTheSameBitForBitWhenBlocksAreFolded() {
    for (Evidence evidence : new Evidence[] {BLOCKS, new Evidence.Gross(0.1, 0.01)}) {
      ExceedanceProcess whole = new ExceedanceProcess(ExceedanceDesign.slower(), evidence);
      ExceedanceProcess folded = new ExceedanceProcess(ExceedanceDesign.slower(), evidence);
      SplittableRandom random = new SplittableRandom(5);
      for (long window = 0; window < 1_500; window++) {
        for (int i = 0; i < 4; i++) {
          boolean candidate = random.nextInt(4) == 0;
          boolean above = random.nextDouble() < (candidate ? 0.08 : 0.05);
          long at = window - random.nextInt(5);
          whole.add(at, 1, QUARTER, candidate, above);
          folded.add(at, 1, QUARTER, candidate, above);
        }
        if (window % 100 == 0) {
          folded.foldBefore(window - 40);
          if (folded.folded().length > 0) {
            folded =
                ExceedanceProcess.of(folded.design(), evidence, folded.folded(), folded.counts());
          }
        }
        assertThat(folded.mixture()).isEqualTo(whole.mixture());
      }
    }
  }

  private static int length(LongStates.Writer of) {
    long[] longs = of.toLongs();
    return (int) longs[longs.length - 4];
  }

  private static void add(BlockWealth wealth, long window, double sum) {
    wealth.enter(window);
    double[] gains = {0.1, 0.2, 0.4};
    wealth.add(1, Arrays.stream(gains).map(gain -> sum * gain).toArray());
    wealth.vary(1, 0.5, gains, new double[] {-0.1, -0.2, -0.4});
  }

  /** Two standard errors above α. */
  private static int atMost() {
    return (int) Math.ceil(RUNS * ALPHA + 2 * Math.sqrt(RUNS * ALPHA));
  }

  /** Slow spells of three minutes in the mean, two an hour, that let so many more exceed. */
  private static IntToDoubleFunction spells(long seed, double more) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean[] slow = new boolean[WINDOWS_OF_A_DAY];
    boolean in = false;
    for (int i = 0; i < slow.length; i++) {
      in = in ? random.nextDouble() >= 1 / 18.0 : random.nextDouble() < 1 / 180.0;
      slow[i] = in;
    }
    return window -> 0.05 + (slow[window] ? more : 0);
  }

  /** Minutes with a shift that lasts for ten: what an identical model gives at the margin less. */
  private static IntToDoubleFunction correlated(long seed, double less) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] rate = new double[WINDOWS_OF_A_DAY];
    double shift = random.nextGaussian() * 0.6;
    for (int i = 0; i < rate.length; i++) {
      if (i % Evidence.MINUTE == 0) {
        shift = 0.9 * shift + 0.6 * Math.sqrt(1 - 0.81) * random.nextGaussian();
      }
      rate[i] = 1 / (1 + Math.exp(-1.6 * (shift - less)));
    }
    return window -> rate[window];
  }

  private static boolean fires(
      Evidence evidence, int seed, IntToDoubleFunction candidate, IntToDoubleFunction control) {
    ExceedanceProcess process = new ExceedanceProcess(ExceedanceDesign.slower(), evidence);
    SplittableRandom random = new SplittableRandom(seed + 7L);
    for (int window = 0; window < WINDOWS_OF_A_DAY; window++) {
      add(process, random, window, candidate.applyAsDouble(window), control.applyAsDouble(window));
      if (window % 6 == 0 && process.logE() >= FIRES) {
        return true;
      }
      if (window % 600 == 0) {
        process.foldBefore(window - 60);
      }
    }
    return false;
  }

  private static void add(
      ExceedanceProcess process, SplittableRandom random, long window, double p1, double p0) {
    long n1 = PER_WINDOW / 4;
    long n0 = PER_WINDOW - n1;
    long a1 = binomial(random, n1, p1);
    long a0 = binomial(random, n0, p0);
    process.add(new ExceedanceCounts(window, 0, QUARTER, a1, n1 - a1, a0, n0 - a0));
  }

  private static long binomial(SplittableRandom random, long n, double p) {
    long hits = 0;
    for (int i = 0; i < n; i++) {
      hits += random.nextDouble() < p ? 1 : 0;
    }
    return hits;
  }
}
