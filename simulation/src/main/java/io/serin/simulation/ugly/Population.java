package io.serin.simulation.ugly;

import io.serin.rollout.assignment.Split;
import java.util.Arrays;
import java.util.SplittableRandom;

/** The users of one run: how often each asks, how slow its requests are, how prone to errors. */
final class Population {
  private final World.Crowd crowd;
  private final double errors;
  private final double[] cumulative;
  private final int[] slots;
  private final double[] logSlowness;
  private final double[] proneness;
  private int fresh;

  Population(World world, SplittableRandom random) {
    crowd = world.crowd();
    errors = world.answers().errors();
    int users = crowd.users();
    cumulative = new double[users];
    slots = new int[users];
    logSlowness = new double[users];
    proneness = new double[users];
    double sum = 0;
    for (int i = 0; i < users; i++) {
      sum += Math.pow(i + 1, -crowd.zipf());
      cumulative[i] = sum;
      slots[i] = random.nextInt(Split.SLOTS);
      logSlowness[i] = crowd.spread() * random.nextGaussian();
      proneness[i] = crowd.icc() == 0 ? errors : beta(random, errors, crowd.icc());
    }
  }

  /** The user of the next request; a number not used before where all users are new. */
  int next(SplittableRandom random) {
    if (cumulative.length == 0) {
      return fresh++;
    }
    double at = random.nextDouble() * cumulative[cumulative.length - 1];
    int i = Arrays.binarySearch(cumulative, at);
    return i >= 0 ? i : Math.min(-i - 1, cumulative.length - 1);
  }

  boolean returning() {
    return cumulative.length > 0;
  }

  int slot(int user, SplittableRandom random) {
    return returning() ? slots[user] : random.nextInt(Split.SLOTS);
  }

  double logSlowness(int user) {
    return returning() ? logSlowness[user] : 0;
  }

  double errors(int user) {
    return returning() ? proneness[user] : errors;
  }

  /** A beta variate by its mean and intraclass correlation. */
  private static double beta(SplittableRandom random, double mean, double icc) {
    double size = (1 - icc) / icc;
    double a = gamma(random, mean * size);
    double b = gamma(random, (1 - mean) * size);
    return a + b == 0 ? 0 : a / (a + b);
  }

  /** Marsaglia and Tsang's method; shapes below 1 by a power of a uniform. */
  private static double gamma(SplittableRandom random, double shape) {
    if (shape < 1) {
      return gamma(random, shape + 1) * Math.pow(1 - random.nextDouble(), 1 / shape);
    }
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = random.nextGaussian();
      double v = 1 + c * x;
      if (v > 0) {
        v = v * v * v;
        if (Math.log(1 - random.nextDouble()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
          return d * v;
        }
      }
    }
  }
}
