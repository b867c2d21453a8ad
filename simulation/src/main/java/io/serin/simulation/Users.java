package io.serin.simulation;

import io.serin.rollout.assignment.Split;
import io.serin.simulation.Ramp.Knowledge;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Users who return: Pareto-distributed activity, a slot each, and how prone each is to errors. */
public final class Users {
  private final double[] cumulative;
  public final int[] slot;

  /** Multiplies the error rate of each user; mean about 1. */
  public final double[] proneness;

  /** What was known before the revision a user was last seen in. */
  public final Knowledge[] before;

  public final int[] lastRevision;
  public final int[] lastArm;

  /** Revisions in which a user's first request, or first event, was counted. */
  public final int[] firstIn;

  public final int[] eventIn;

  /**
   * @param shape of the Pareto law of activity; 1.1 is very uneven
   * @param sigma of the logarithm of proneness
   */
  public Users(SplittableRandom random, int number, double shape, double sigma, Ramp ramp) {
    cumulative = new double[number];
    slot = new int[number];
    proneness = new double[number];
    before = new Knowledge[number];
    lastRevision = new int[number];
    lastArm = new int[number];
    firstIn = new int[number];
    eventIn = new int[number];
    double sum = 0;
    for (int i = 0; i < number; i++) {
      sum += Math.pow(1 - random.nextDouble(), -1 / shape);
      cumulative[i] = sum;
      slot[i] = random.nextInt(Split.SLOTS);
      proneness[i] = Math.exp(sigma * random.nextGaussian() - sigma * sigma / 2);
    }
    Arrays.fill(before, ramp.nothing);
    Arrays.fill(lastRevision, -1);
    Arrays.fill(firstIn, -1);
    Arrays.fill(eventIn, -1);
  }

  /** The user of the next request. */
  public int next(SplittableRandom random) {
    double at = random.nextDouble() * cumulative[cumulative.length - 1];
    int i = Arrays.binarySearch(cumulative, at);
    return i >= 0 ? i : Math.min(-i - 1, cumulative.length - 1);
  }

  /**
   * Takes note of a request under the ramp's present revision and returns what was known before
   * that revision.
   */
  public Knowledge see(int user, Ramp ramp) {
    int revision = ramp.revision();
    if (lastRevision[user] != revision) {
      if (lastRevision[user] >= 0) {
        before[user] = before[user].seen(lastRevision[user], lastArm[user]);
      }
      lastRevision[user] = revision;
      lastArm[user] = ramp.arm(slot[user]);
    }
    return before[user];
  }
}
