package io.serin.statistics.comparison;

/** The share of units with an event; variance p(1−p). */
public record ProportionSample(long n, double sum) implements Sample, SummedSample {
  @Override
  public double sumSquares() {
    return sum;
  }

  @Override
  public double mean() {
    return n == 0 ? 0 : sum / n;
  }

  @Override
  public double variance() {
    return mean() * (1 - mean());
  }

  public ProportionSample merge(ProportionSample other) {
    return new ProportionSample(n + other.n, sum + other.sum);
  }
}
