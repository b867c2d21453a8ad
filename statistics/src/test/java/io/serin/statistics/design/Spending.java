package io.serin.statistics.design;

import io.serin.statistics.Numerics;

/** How much of α is spent when a share t in [0, 1] of the information is in. */
public sealed interface Spending {
  /** Spent so far: 0 at t = 0, alpha at t = 1. */
  double spent(double alpha, double t);

  /**
   * Hwang, Shih and DeCani's family: α(1−e^{−γt})/(1−e^{−γ}); −4 is like O'Brien–Fleming, 1 like
   * Pocock.
   */
  record HwangShihDeCani(double gamma) implements Spending {
    @Override
    public double spent(double alpha, double t) {
      double share = gamma == 0 ? t : Math.expm1(-gamma * t) / Math.expm1(-gamma);
      return alpha * Math.min(1, share);
    }
  }

  /** The power family (Kim and DeMets): α·t^ρ. */
  record PowerFamily(double rho) implements Spending {
    @Override
    public double spent(double alpha, double t) {
      return alpha * Math.pow(Math.min(1, t), rho);
    }
  }

  /** Lan and DeMets's form of O'Brien and Fleming: 2(1−Φ(z_{α/2}/√t)). */
  record OBrienFleming() implements Spending {
    @Override
    public double spent(double alpha, double t) {
      return t <= 0
          ? 0
          : 2
              * Numerics.normalTail(
                  Numerics.normalUpperQuantile(alpha / 2) / Math.sqrt(Math.min(1, t)));
    }
  }

  /** Lan and DeMets's form of Pocock: α·ln(1+(e−1)t). */
  record Pocock() implements Spending {
    @Override
    public double spent(double alpha, double t) {
      return alpha * Math.log1p((Math.E - 1) * Math.min(1, t));
    }
  }
}
