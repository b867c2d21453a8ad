package io.serin.statistics.comparison;

/**
 * A mean adjusted by what the same units did before (CUPED): post − θ·pre. Source: Deng, Xu,
 * Kohavi, Walker 2013.
 *
 * @param sumProducts Σ post·pre
 * @param theta θ; both arms must use the same
 */
public record AdjustedSample(SummedSample post, SummedSample pre, double sumProducts, double theta)
    implements Sample {
  @Override
  public long n() {
    return post.n();
  }

  @Override
  public double mean() {
    return post.mean() - theta * pre.mean();
  }

  @Override
  public double unadjustedMean() {
    return post.mean();
  }

  public double covariance() {
    return SummedSample.covariance(post, pre, sumProducts);
  }

  @Override
  public double variance() {
    return n() <= 1
        ? 0
        : post.variance() + theta * theta * pre.variance() - 2 * theta * covariance();
  }

  public AdjustedSample withTheta(double newTheta) {
    return new AdjustedSample(post, pre, sumProducts, newTheta);
  }

  /**
   * The θ that makes the variance of both arms together smallest: cov(post, pre)/var(pre), 0 where
   * pre is constant.
   */
  public static double bestTheta(AdjustedSample a, AdjustedSample b) {
    SummedSample post = SummedSample.joint(a.post, b.post);
    SummedSample pre = SummedSample.joint(a.pre, b.pre);
    if (post.variance() == 0 || pre.variance() == 0) {
      return 0;
    }
    return SummedSample.covariance(post, pre, a.sumProducts + b.sumProducts) / pre.variance();
  }
}
