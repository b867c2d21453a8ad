package io.serin.modelcalls;

import java.time.Duration;

/**
 * A server's circuit breaker. Closed, it lets every call through; after {@link #FAILURES} failures
 * in a row it is open and lets none through for a while; then, half open, it lets one through,
 * whose end closes it or opens it for twice as long, up to {@link #LONGEST}. Thread-safe.
 *
 * <p>A breaker protects from waiting for a server that fails; it is no judgement of a variant: see
 * {@code trip}.
 */
public final class Breaker {

  /** Failures in a row that open it. */
  public static final int FAILURES = 5;

  /** How long it is open at first. */
  public static final Duration SHORTEST = Duration.ofSeconds(1);

  /** How long it is open at most. */
  public static final Duration LONGEST = Duration.ofSeconds(30);

  /** Where a breaker stands. */
  public sealed interface State {

    /**
     * Lets every call through.
     *
     * @param failures in a row so far
     */
    record Closed(int failures) implements State {}

    /**
     * Lets no call through.
     *
     * @param untilNanos when it becomes half open
     * @param nanos how long it is open this time
     */
    record Open(long untilNanos, long nanos) implements State {}

    /**
     * One call is under way.
     *
     * @param untilNanos when the next one is let through, should that one never end
     * @param nanos how long it was open before
     */
    record HalfOpen(long untilNanos, long nanos) implements State {}
  }

  private State state = new State.Closed(0);

  /** Where it stands. */
  public synchronized State state() {
    return state;
  }

  /** Whether a call may be made now; makes no claim on it. */
  public synchronized boolean permits(long nowNanos) {
    return switch (state) {
      case State.Closed _ -> true;
      case State.Open(long until, long _) -> nowNanos - until >= 0;
      case State.HalfOpen(long until, long _) -> nowNanos - until >= 0;
    };
  }

  /**
   * A call is made: of an open breaker whose time is over, this is the one that it lets through.
   */
  public synchronized void began(long nowNanos) {
    switch (state) {
      case State.Closed _ -> {}
      case State.Open(long until, long nanos) -> {
        if (nowNanos - until >= 0) {
          state = new State.HalfOpen(nowNanos + LONGEST.toNanos(), nanos);
        }
      }
      case State.HalfOpen(long until, long nanos) -> {
        if (nowNanos - until >= 0) {
          state = new State.HalfOpen(nowNanos + LONGEST.toNanos(), nanos);
        }
      }
    }
  }

  /**
   * A call went well.
   *
   * @return whether this closed the breaker
   */
  public synchronized boolean succeeded() {
    boolean closes =
        switch (state) {
          case State.Closed _ -> false;
          // What began before it opened says nothing about now.
          case State.Open _ -> false;
          case State.HalfOpen _ -> true;
        };
    if (closes || state instanceof State.Closed) {
      state = new State.Closed(0);
    }
    return closes;
  }

  /**
   * A call failed.
   *
   * @return whether this opened the breaker
   */
  public synchronized boolean failed(long nowNanos) {
    switch (state) {
      case State.Closed(int failures) -> {
        if (failures + 1 < FAILURES) {
          state = new State.Closed(failures + 1);
          return false;
        }
        state = new State.Open(nowNanos + SHORTEST.toNanos(), SHORTEST.toNanos());
        return true;
      }
      case State.Open _ -> {
        return false;
      }
      case State.HalfOpen(long _, long nanos) -> {
        long longer = Math.min(2 * nanos, LONGEST.toNanos());
        state = new State.Open(nowNanos + longer, longer);
        return true;
      }
    }
  }

  /** A call ended without saying anything about the server: the next one may be let through. */
  public synchronized void abandoned(long nowNanos) {
    switch (state) {
      case State.Closed _, State.Open _ -> {}
      case State.HalfOpen(long _, long nanos) -> state = new State.Open(nowNanos, nanos);
    }
  }
}
