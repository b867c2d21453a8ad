package io.serin.rehearsal.traffic;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Users who return, with a heavy tail: a request is a new user's with a fixed chance, else one of
 * an earlier request's user, drawn evenly among requests, so that who came often comes often
 * (Simon's process; requests per user follow a power law). Four bytes a request. Not thread-safe.
 */
public final class ReturningUsers {

  private final double newShare;
  private final RandomGenerator random;
  private int[] history = new int[1024];
  private int requests;
  private int users;

  /**
   * No user came yet.
   *
   * @param newShare more than 0, at most 1
   */
  public ReturningUsers(double newShare, RandomGenerator random) {
    if (!(newShare > 0 && newShare <= 1)) {
      throw new IllegalArgumentException(
          "new users: " + newShare + " must be more than 0 and at most 1");
    }
    this.newShare = newShare;
    this.random = random;
  }

  /** Whose the next request is: 0 for the first user, and so on. */
  public int next() {
    boolean fresh = random.nextDouble() < newShare || requests == 0;
    int user = fresh ? users++ : history[random.nextInt(requests)];
    if (requests == history.length) {
      history = Arrays.copyOf(history, requests * 2);
    }
    history[requests++] = user;
    return user;
  }

  /** How many users came so far. */
  public int count() {
    return users;
  }
}
