package io.serin.simulation.ugly;

import io.serin.analytics.observation.Observation;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Requests of one run in order of time, made as they are asked for. Time is in milliseconds from
 * the start of the run. Not thread-safe.
 */
interface Stream {
  /**
   * A request.
   *
   * @param at when it is asked
   * @param user who asks, counted from 0
   * @param slot of the user in the split
   */
  record Ask(long at, int user, int slot) {}

  /**
   * How a server answers a request.
   *
   * @param millis until the end that the client sees
   * @param firstMillis until the first token of a streamed answer; null: not streamed
   * @param cachedTokens of 100; null where no cache is reported
   * @param bad what the client thinks of it; null where it does not say
   */
  record Answer(
      Observation.End end,
      long millis,
      @Nullable Long firstMillis,
      @Nullable Long cachedTokens,
      @Nullable Boolean bad) {}

  /** The next request; null at the end of the stream. */
  @Nullable Ask next();

  /** The answer to the newest request, by one arm. */
  Answer answer(Ask ask, boolean candidate);

  /** Whether users come back. */
  boolean returning();

  /** A stream for each run. */
  interface Source {
    Stream open(SplittableRandom random);

    World.Fault fault();

    /**
     * Information about the fault, in units of ln(1/α), that a user's first so many requests give
     * any test at a share of the candidate.
     */
    double information(double share, long requests);

    /** A quantile of a healthy server's duration, milliseconds. */
    double quantile(double q);
  }
}
