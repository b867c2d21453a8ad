package io.serin.statistics.sequential;

import java.util.stream.LongStream;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;

/** Pearson's test of given shares, which the sample ratio's e-value stands beside. */
public final class ChiSquare {
  private ChiSquare() {}

  /** Pearson's χ² statistic; shares need not have sum 1. */
  public static double statistic(long[] units, double[] shares) {
    double all = LongStream.of(units).sum();
    double scale = 0;
    for (double share : shares) {
      scale += share;
    }
    double statistic = 0;
    for (int i = 0; i < units.length; i++) {
      double expected = all * shares[i] / scale;
      statistic += (units[i] - expected) * (units[i] - expected) / expected;
    }
    return statistic;
  }

  /** p-value of Pearson's χ² test of given shares, valid at one look. */
  public static double pValue(long[] units, double[] shares) {
    return ChiSquaredDistribution.of(units.length - 1)
        .survivalProbability(statistic(units, shares));
  }
}
