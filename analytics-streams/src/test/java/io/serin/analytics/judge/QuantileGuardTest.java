package io.serin.analytics.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.analytics.observation.Observation;
import io.serin.analytics.observation.UnitHistory;
import io.serin.rollout.RolloutFile;
import io.serin.rollout.RolloutFileException;
import io.serin.rollout.RolloutFileReader;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.Decision;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Latency guards on users who return, and on few of them. Quick by default; {@code
 * -Dserin.simulation.runs=300} is the long form.
 */
class QuantileGuardTest {
  private static final int RUNS = Integer.getInteger("serin.simulation.runs", 12);
  private static final int SLOTS = 10_000;
  private static final long HOUR = 3_600_000;
  private static final long DAY = 24 * HOUR;
  private static final long START = 20_000 * DAY;
  private static final double SIGMA = 0.5;
  private static final double SPREAD = 0.3;

  /** How many times as slow the candidate is at a time after the start. */
  private interface Fault {
    double factor(long at, double z);
  }

  private record World(int users, double perHour, int days, double driftADay, Fault fault) {}

  @Test
  void shouldNotCountAUnitAgainWhereLatenciesDrift() throws RolloutFileException {
    World drift = new World(300, 60, 6, 0.3, (at, z) -> 1.2);
    int fired = 0;
    for (int seed = 0; seed < RUNS; seed++) {
      fired += rollsBack(0.2, 0.25, drift, seed).isEmpty() ? 0 : 1;
    }
    System.out.printf(
        "at the margin, 30 %% slower each day, α .2: %d of %d rolled back%n", fired, RUNS);
    double level = 0.2 * RUNS;
    assertThat((double) fired).isLessThanOrEqualTo(level + 2 * Math.sqrt(level));
  }

  @Test
  void shouldFindAFiveFoldSlownessAmongAHundredUsers() throws RolloutFileException {
    World few = new World(100, 12, 14, 0, (at, z) -> 5);
    assertThat(found(few, 0.25)).as("of " + RUNS).isGreaterThanOrEqualTo(0.75 * RUNS);
  }

  @Test
  void shouldFindAFaultThatBeginsAfterEveryUnitWasSeen() throws RolloutFileException {
    World late = new World(300, 60, 8, 0, (at, z) -> at < 2 * DAY ? 1 : 2);
    assertThat(found(late, 0.5)).as("of " + RUNS).isGreaterThanOrEqualTo(0.75 * RUNS);
  }

  @Test
  void shouldBlameTheTailAndNotTheMedianThatIsBetter() throws RolloutFileException {
    World tail = new World(20_000, 1_500, 2, 0, (at, z) -> z > 1 ? 2.5 : 0.5);
    for (int seed = 0; seed < 3; seed++) {
      assertThat(rollsBack(0.01, 0.25, tail, seed)).isEqualTo("latency.p95");
    }
  }

  private static double found(World world, double share) throws RolloutFileException {
    double found = 0;
    for (int seed = 0; seed < RUNS; seed++) {
      found += rollsBack(0.01, share, world, seed).isEmpty() ? 0 : 1;
    }
    System.out.printf(
        "%d users, share %.2f, α .01: found in %.0f of %d%n", world.users, share, found, RUNS);
    return found;
  }

  /** The metric of the first guard that rolls back; empty where none does. */
  private static String rollsBack(double alpha, double share, World world, int seed)
      throws RolloutFileException {
    RolloutFile file =
        RolloutFileReader.read(
            """
            rollout: simulated
            variants:
              control:   {url: http://localhost:8101/v1}
              candidate: {url: http://localhost:8102/v1}
            stages: [{weight: 25%%, for: 60d, until: time}]
            guards:
              - {metric: latency.p50, worseBy: 20%%, then: rollback}
              - {metric: latency.p95, worseBy: 20%%, then: rollback}
            alpha: %s
            """
                .formatted(alpha));
    int own = (int) (share * SLOTS);
    Split split = Split.all("control").reweight(Map.of("control", SLOTS - own, "candidate", own));
    Judge judge = new Judge(file, new Cells());
    SplittableRandom random = new SplittableRandom(seed);
    UnitHistory[] histories = new UnitHistory[world.users];
    boolean[] candidate = new boolean[world.users];
    double[] slowness = new double[world.users];
    for (int i = 0; i < world.users; i++) {
      histories[i] = new UnitHistory();
      candidate[i] = random.nextDouble() < share;
      slowness[i] = SPREAD * random.nextGaussian();
    }
    double clock = 0;
    int requests = 0;
    while (true) {
      clock += -Math.log(1 - random.nextDouble()) / world.perHour * HOUR;
      long at = (long) clock;
      if (at > world.days * DAY) {
        return "";
      }
      int user = random.nextInt(world.users);
      double z = random.nextGaussian();
      double millis = 200 * Math.exp(SIGMA * z + slowness[user]);
      millis *= Math.pow(1 + world.driftADay, clock / DAY);
      millis *= candidate[user] ? world.fault.factor(at, z) : 1;
      see(judge, split, histories[user], user, candidate[user], START + at, (long) millis);
      if (++requests % 20 == 0) {
        for (CandidateGuard guard : judge.guards()) {
          if (!guard.quiet() && guard.finding().decision() == Decision.ROLLBACK) {
            return guard.name().substring(0, guard.name().indexOf('/'));
          }
        }
      }
    }
  }

  private static void see(
      Judge judge,
      Split split,
      UnitHistory history,
      int user,
      boolean candidate,
      long at,
      long millis) {
    String variant = candidate ? "candidate" : "control";
    UnitHistory.Seeing seeing =
        history.see(
            new UnitHistory.Request(
                1,
                split,
                variant,
                0,
                at,
                Observation.End.OK,
                false,
                false,
                null,
                millis * 1_000,
                null,
                100L,
                null,
                null));
    if (seeing.news().tells()) {
      judge.observe(
          new Observation(
              "run",
              0,
              "u" + user,
              variant,
              at,
              seeing.label().name(),
              seeing.label().slots(),
              split.weights(),
              seeing.news(),
              false,
              Observation.End.OK,
              null,
              millis * 1_000,
              100L,
              null,
              null));
    }
  }
}
