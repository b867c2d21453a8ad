package io.serin.statistics.comparison;

/**
 * A ratio of means adjusted by the same ratio before (CUPED for ratios): R_post − θ·R_pre, with its
 * variance by the delta method over the four sums of a unit.
 *
 * @param products Σ of the six products of a unit's four numbers
 * @param theta θ; both arms must use the same
 */
public record AdjustedRatioSample(
    SummedSample numeratorPost,
    SummedSample denominatorPost,
    SummedSample numeratorPre,
    SummedSample denominatorPre,
    Products products,
    double theta)
    implements Sample {

  /**
   * Sums over units of the products of numerator (m) and denominator (d), after (post) and before
   * (pre).
   */
  public record Products(
      double mPostMPre,
      double dPostDPre,
      double mPreDPre,
      double mPostDPost,
      double mPostDPre,
      double mPreDPost) {}

  @Override
  public long n() {
    return numeratorPost.n();
  }

  @Override
  public double mean() {
    return unadjustedMean() - theta * numeratorPre.sum() / denominatorPre.sum();
  }

  @Override
  public double unadjustedMean() {
    return numeratorPost.sum() / denominatorPost.sum();
  }

  @Override
  public double variance() {
    return form(gradient(), gradient());
  }

  public AdjustedRatioSample withTheta(double newTheta) {
    return new AdjustedRatioSample(
        numeratorPost, denominatorPost, numeratorPre, denominatorPre, products, newTheta);
  }

  /**
   * The θ that makes the variance of the difference smallest; 0 where there is nothing to adjust
   * by.
   */
  public static double bestTheta(AdjustedRatioSample a, AdjustedRatioSample b) {
    double variance = a.preVariance() + b.preVariance();
    return variance == 0 ? 0 : (a.prePostCovariance() + b.prePostCovariance()) / variance;
  }

  /** Derivatives of the adjusted ratio by the four means. */
  double[] gradient() {
    double dPost = denominatorPost.mean();
    double dPre = denominatorPre.mean();
    return new double[] {
      1 / dPost,
      -numeratorPost.mean() / (dPost * dPost),
      -theta / dPre,
      theta * numeratorPre.mean() / (dPre * dPre)
    };
  }

  /** u'Λv, Λ the covariances of one unit's four numbers. */
  double form(double[] u, double[] v) {
    double[][] covariances = covariances();
    double sum = 0;
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        sum += u[i] * covariances[i][j] * v[j];
      }
    }
    return sum;
  }

  private double preVariance() {
    double[] pre = preGradient();
    return form(pre, pre);
  }

  private double prePostCovariance() {
    double dPost = denominatorPost.mean();
    double[] post = {1 / dPost, -numeratorPost.mean() / (dPost * dPost), 0, 0};
    return form(preGradient(), post);
  }

  private double[] preGradient() {
    double dPre = denominatorPre.mean();
    return new double[] {0, 0, 1 / dPre, -numeratorPre.mean() / (dPre * dPre)};
  }

  private double[][] covariances() {
    SummedSample[] parts = {numeratorPost, denominatorPost, numeratorPre, denominatorPre};
    double[][] sums = {
      {0, products.mPostDPost, products.mPostMPre, products.mPostDPre},
      {products.mPostDPost, 0, products.mPreDPost, products.dPostDPre},
      {products.mPostMPre, products.mPreDPost, 0, products.mPreDPre},
      {products.mPostDPre, products.dPostDPre, products.mPreDPre, 0}
    };
    double[][] result = new double[4][4];
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        result[i][j] =
            i == j ? parts[i].variance() : SummedSample.covariance(parts[i], parts[j], sums[i][j]);
      }
    }
    return result;
  }
}
