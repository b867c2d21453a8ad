package io.serin.router.trip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A partial outage of both variants, simulated: 3 min at 10 requests/s, each attempt failing by
 * itself; a failed attempt of the candidate is repeated at control. The rule before this one (fewer
 * than half of control's last 12) tripped in 58 to 97 % of such runs.
 */
class LocalTripOutageTest {

  private static final int RUNS = 500;
  private static final int PER_SECOND = 10;
  private static final int REQUESTS = 180 * PER_SECOND;

  @ParameterizedTest
  @CsvSource({
    "0.5, 0.05",
    "0.5, 0.25",
    "0.5, 0.50",
    "0.5, 0.95",
    "0.65, 0.25",
    "0.65, 0.50",
    "0.8, 0.05",
    "0.8, 0.25",
    "0.8, 0.95"
  })
  void shouldNotTripInAPartialOutageOfBoth(double failing, double share) {
    int tripped = 0;
    for (int seed = 0; seed < RUNS; seed++) {
      tripped += tripsAt(seed, share, _ -> failing, _ -> failing) < REQUESTS ? 1 : 0;
    }

    System.out.printf("both fail %.2f, share %.2f: %d of %d%n", failing, share, tripped, RUNS);
    assertThat(tripped).as("of %d runs", RUNS).isLessThanOrEqualTo(RUNS / 100);
  }

  /**
   * An outage that comes and goes: in each second with this chance everything fails, in both arms;
   * a second is like the one before it with a chance of two thirds and more.
   */
  @ParameterizedTest
  @CsvSource({"0.5, 0.05", "0.5, 0.25", "0.5, 0.95", "0.8, 0.05", "0.8, 0.25", "0.8, 0.95"})
  void shouldNotTripInAnOutageOfBothThatComesAndGoes(double down, double share) {
    int tripped = 0;
    for (int seed = 0; seed < RUNS; seed++) {
      boolean[] seconds = seconds(new Random(~seed), down);
      DoubleUnaryOperator fails = request -> seconds[(int) request / PER_SECOND] ? 1 : 0.01;
      tripped += tripsAt(seed, share, fails, fails) < REQUESTS ? 1 : 0;
    }

    System.out.printf(
        "both down in %.2f of seconds, share %.2f: %d of %d%n", down, share, tripped, RUNS);
    assertThat(tripped).as("of %d runs", RUNS).isLessThanOrEqualTo(RUNS / 100);
  }

  private static boolean[] seconds(Random random, double down) {
    boolean[] seconds = new boolean[REQUESTS / PER_SECOND];
    boolean now = false;
    for (int i = 0; i < seconds.length; i++) {
      now = random.nextInt(3) == 0 ? random.nextDouble() < down : now;
      seconds[i] = now;
    }
    return seconds;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.25, 0.5, 0.95})
  void shouldTripACandidateThatFailsEverythingWithinItsFirstDozen(double share) {
    for (int seed = 0; seed < RUNS; seed++) {
      double attempts = tripsAt(seed, share, _ -> 1, _ -> 0.01) * share;

      assertThat(attempts).as("seed %d", seed).isLessThan(60);
    }
  }

  /** The number of the request that trips the candidate; {@link #REQUESTS} where none does. */
  private static int tripsAt(
      int seed,
      double share,
      DoubleUnaryOperator candidateFails,
      DoubleUnaryOperator controlFails) {
    Random random = new Random(seed);
    LocalTrip trip = new LocalTrip(TripPolicy.DEFAULT);
    for (int request = 0; request < REQUESTS; request++) {
      if (random.nextDouble() >= share) {
        trip.controlEnded(random.nextDouble() < controlFails.applyAsDouble(request));
        continue;
      }
      boolean failed = random.nextDouble() < candidateFails.applyAsDouble(request);
      if (trip.candidateEnded("candidate", "unit-" + random.nextInt(500), "sender", failed)) {
        return request;
      }
      if (failed) {
        trip.controlEnded(random.nextDouble() < controlFails.applyAsDouble(request));
        if (trip.judge("candidate")) {
          return request;
        }
      }
    }
    return REQUESTS;
  }
}
