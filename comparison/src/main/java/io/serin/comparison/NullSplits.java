package io.serin.comparison;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * How often a comparison finds something where there is nothing: the same answers, split or swapped
 * at random. The rate must be at most the α it is judged at. Deterministic in its seed.
 *
 * @param what was split
 * @param runs how many splits
 * @param found in how many of them any metric or segment was called different
 */
public record NullSplits(String what, int runs, int found) {

  /** One half of a model's answers against the other half: two samples of different questions. */
  public static NullSplits halves(
      String what, List<Single> answers, int runs, long seed, ComparisonSettings settings) {
    Comparing comparing = new Comparing(settings);
    Random random = new Random(seed);
    List<Single> shuffled = new ArrayList<>(answers);
    int found = 0;
    for (int run = 0; run < runs; run++) {
      Collections.shuffle(shuffled, random);
      int half = shuffled.size() / 2;
      found +=
          comparing
                  .independent(shuffled.subList(0, half), shuffled.subList(half, shuffled.size()))
                  .anyFound()
              ? 1
              : 0;
    }
    return new NullSplits(what, runs, found);
  }

  /** Pairs whose sides are swapped at random: the pairs differ, the sides do not. */
  public static NullSplits swaps(
      List<PairDifference> differences, int runs, long seed, ComparisonSettings settings) {
    ComparisonSettings quiet = new ComparisonSettings(settings.alpha(), settings.segmentUnits(), 0);
    Comparing comparing = new Comparing(quiet);
    Random random = new Random(seed);
    int found = 0;
    for (int run = 0; run < runs; run++) {
      // A unit is swapped as a whole: its pairs belong together.
      long salt = random.nextLong();
      List<PairDifference> swapped = new ArrayList<>();
      for (PairDifference each : differences) {
        long draw = new Random(salt ^ each.pair().question().unit().hashCode()).nextInt(2);
        swapped.add(draw == 0 ? each : each.swapped());
      }
      found += comparing.paired(swapped).anyFound() ? 1 : 0;
    }
    return new NullSplits("sides swapped at random", runs, found);
  }

  /** Share of the splits in which something was found. */
  public double rate() {
    return runs == 0 ? 0 : (double) found / runs;
  }
}
