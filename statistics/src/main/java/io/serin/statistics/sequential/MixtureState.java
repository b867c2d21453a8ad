package io.serin.statistics.sequential;

import java.util.List;

/**
 * What an e-value is the sum of: E = exp(waiting) + Σ_k exp(logLikelihoods[k] + logWeights[k]). It
 * gives the e-value again, bit for bit, without the counts behind it.
 *
 * @param logLikelihoods of the bets now, one number a component
 * @param logWeights ln Σ_j w_j·exp(−L_k(start j)) over the processes begun so far
 * @param waiting ln of the weight that has not started; −∞ where there is none
 * @param starts processes begun, the first included
 */
public record MixtureState(
    List<Double> logLikelihoods, List<Double> logWeights, double waiting, int starts) {
  public MixtureState {
    logLikelihoods = List.copyOf(logLikelihoods);
    logWeights = List.copyOf(logWeights);
    if (logLikelihoods.size() != logWeights.size()) {
      throw new IllegalArgumentException(
          "logWeights: one for each of "
              + logLikelihoods.size()
              + " components is required, not "
              + logWeights.size());
    }
  }

  /** ln E, as the process itself gives it. */
  public double logE() {
    double[] likelihoods = logLikelihoods.stream().mapToDouble(Double::doubleValue).toArray();
    double[] weights = logWeights.stream().mapToDouble(Double::doubleValue).toArray();
    return RestartMixture.logE(likelihoods, weights, waiting);
  }
}
