package io.serin.statistics.comparison;

/** A sample of one number a unit, known by its sums. */
public sealed interface SummedSample permits MeanSample, ProportionSample {
  long n();

  /** Σx. */
  double sum();

  /** Σx². */
  double sumSquares();

  double mean();

  double variance();

  /** Covariance of one unit's values in two samples of the same units, given Σxy. */
  static double covariance(SummedSample x, SummedSample y, double sumProducts) {
    double n = x.n();
    if (n <= 1) {
      return 0;
    }
    return x instanceof ProportionSample && y instanceof ProportionSample
        ? sumProducts / n - x.sum() * y.sum() / (n * n)
        : (sumProducts - x.sum() * y.sum() / n) / (n - 1);
  }

  /** The sample of both arms' units together. */
  static SummedSample joint(SummedSample a, SummedSample b) {
    return a instanceof ProportionSample && b instanceof ProportionSample
        ? new ProportionSample(a.n() + b.n(), a.sum() + b.sum())
        : new MeanSample(a.n() + b.n(), a.sum() + b.sum(), a.sumSquares() + b.sumSquares());
  }
}
