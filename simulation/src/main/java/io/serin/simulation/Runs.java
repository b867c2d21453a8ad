package io.serin.simulation;

import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Independent runs, each with a random source of its own: results do not depend on how many run at
 * once.
 */
public final class Runs {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private Runs() {}

  /** The result of each run. */
  public static double[] of(long seed, int runs, ToDoubleFunction<SplittableRandom> run) {
    return IntStream.range(0, runs)
        .parallel()
        .mapToDouble(i -> run.applyAsDouble(random(seed, i)))
        .toArray();
  }

  /** How many results are at least 1. */
  public static long hits(double[] results) {
    long hits = 0;
    for (double result : results) {
      if (result >= 1) {
        hits++;
      }
    }
    return hits;
  }

  public static SplittableRandom random(long seed, long run) {
    return new SplittableRandom(mix(seed * GOLDEN + run));
  }

  private static long mix(long z) {
    long x = (z ^ (z >>> 33)) * 0xff51afd7ed558ccdL;
    x = (x ^ (x >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return x ^ (x >>> 33);
  }

  public static double lognormal(SplittableRandom random, double median, double sigma) {
    return median * Math.exp(sigma * random.nextGaussian());
  }
}
