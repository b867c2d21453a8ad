package io.serin.statistics.comparison;

import io.serin.statistics.Logs;
import io.serin.statistics.comparison.StratifiedEffect.Stage;
import java.util.List;
import org.apache.commons.numbers.gamma.LogBeta;

/**
 * An exact e-value against "both arms have events equally often", for A/B tests with so few events
 * that a normal approximation misleads. Given that a unit has an event, it is the candidate's with
 * probability ρ, the candidate's share of units; the alternative is a beta distribution about ρ,
 * whose concentration is a mixture. Two-sided, valid at every look.
 */
final class FewEvents {
  /** Expected events of the smaller arm from which on the approximation holds. */
  private static final double ENOUGH = 30;

  private static final double[] CONCENTRATIONS = {2, 8, 32, 128};

  private FewEvents() {}

  /** Whether the smaller arm is expected to have too few events for an approximation. */
  static boolean in(List<Stage> stages) {
    double expected = 0;
    for (Stage stage : stages) {
      UnitSums both = stage.candidate().merge(stage.control());
      double smaller = Math.min(stage.candidate().n(), stage.control().n());
      expected += both.n() == 0 ? 0 : both.s() * smaller / both.n();
    }
    return expected < ENOUGH;
  }

  /** ln E. */
  static double logE(List<Stage> stages) {
    double[] logs = new double[CONCENTRATIONS.length];
    for (Stage stage : stages) {
      double a = stage.candidate().s();
      double b = stage.control().s();
      double n = stage.candidate().n() + stage.control().n();
      double rho = stage.candidate().n() / n;
      if (!(rho > 0 && rho < 1)) {
        continue;
      }
      for (int k = 0; k < logs.length; k++) {
        double own = CONCENTRATIONS[k] * rho;
        double other = CONCENTRATIONS[k] * (1 - rho);
        logs[k] +=
            LogBeta.value(own + a, other + b)
                - LogBeta.value(own, other)
                - a * StrictMath.log(rho)
                - b * StrictMath.log(1 - rho);
      }
    }
    return Logs.sum(logs) - StrictMath.log(logs.length);
  }
}
