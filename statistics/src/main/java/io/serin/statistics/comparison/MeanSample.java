package io.serin.statistics.comparison;

/** The mean of one number a unit; variance with n − 1. */
public record MeanSample(long n, double sum, double sumSquares) implements Sample, SummedSample {
  @Override
  public double mean() {
    return n == 0 ? 0 : sum / n;
  }

  @Override
  public double variance() {
    return n <= 1 ? 0 : (sumSquares - sum * sum / n) / (n - 1);
  }

  public MeanSample merge(MeanSample other) {
    return new MeanSample(n + other.n, sum + other.sum, sumSquares + other.sumSquares);
  }
}
