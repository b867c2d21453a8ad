package io.serin.statistics.comparison;

/**
 * The ratio of two means over units, for example errors by requests: variance by the delta method.
 * Source: Deng, Knoblich, Lu 2018.
 *
 * @param numerator one number a unit
 * @param denominator another number of the same units
 * @param sumProducts Σ of their products
 */
public record RatioSample(SummedSample numerator, SummedSample denominator, double sumProducts)
    implements Sample {
  public RatioSample {
    if (numerator.n() != denominator.n()) {
      throw new IllegalArgumentException(
          "units: numerator and denominator must have the same, not "
              + numerator.n()
              + " and "
              + denominator.n());
    }
  }

  /** From one pair of numbers a unit. */
  public static RatioSample of(double[] numerators, double[] denominators) {
    double m = 0;
    double mm = 0;
    double d = 0;
    double dd = 0;
    double md = 0;
    for (int i = 0; i < numerators.length; i++) {
      m += numerators[i];
      mm += numerators[i] * numerators[i];
      d += denominators[i];
      dd += denominators[i] * denominators[i];
      md += numerators[i] * denominators[i];
    }
    return new RatioSample(
        new MeanSample(numerators.length, m, mm), new MeanSample(denominators.length, d, dd), md);
  }

  @Override
  public long n() {
    return numerator.n();
  }

  @Override
  public double mean() {
    return denominator.sum() == 0 ? 0 : numerator.sum() / denominator.sum();
  }

  public double covariance() {
    return SummedSample.covariance(numerator, denominator, sumProducts);
  }

  @Override
  public double variance() {
    return n() <= 1 || denominator.mean() == 0
        ? 0
        : ratioVariance(
            numerator.mean(),
            numerator.variance(),
            denominator.mean(),
            denominator.variance(),
            covariance());
  }

  /** Variance of M/D by the delta method, from the means, variances and covariance of M and D. */
  public static double ratioVariance(
      double meanM, double varianceM, double meanD, double varianceD, double covariance) {
    double square = meanD * meanD;
    return varianceM / square
        + varianceD * meanM * meanM / (square * square)
        - 2 * covariance * meanM / (square * meanD);
  }
}
