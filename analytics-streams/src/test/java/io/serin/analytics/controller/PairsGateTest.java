package io.serin.analytics.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.analytics.gates.PairsGate;
import io.serin.analytics.observation.PairedObservation;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PairsGateTest {
  private static final String FILE =
      """
      rollout: assistant
      unit: [header:x-user-id]
      variants:
        control: {url: "http://127.0.0.1:1/v1", model: a}
        candidate: {url: "http://127.0.0.1:2/v1", model: b}
      shadow: {sample: 1.0, controlReplay: 1.0}
      stages:
        - {shadow: true, for: 1h, until: pairs}
        - {weight: 5%, for: 1h}
      """;
  private static final int RUNS = 60;
  private static final Map<String, Boolean> TOLD = Map.of("failed", false);

  /** What a candidate does worse than control: shares of pairs, and a factor on its time. */
  private record Candidate(double refuses, double breaks, double slower, double empty) {
    static final Candidate SAME = new Candidate(0, 0, 1, 0);
  }

  private record Outcome(boolean left, boolean rolledBack, long pairs, double planned) {}

  @Test
  void shouldLetAnEqualCandidateLeaveWithinTheAnnouncedPairs() {
    assertThat(leaving(Candidate.SAME)).isGreaterThanOrEqualTo(RUNS * 8 / 10);
  }

  @Test
  void shouldCatchEachFaultBeforeStageOneWithinTheAnnouncedPairs() {
    assertThat(leaving(new Candidate(0.05, 0, 1, 0))).as("refuses").isLessThanOrEqualTo(3);
    assertThat(leaving(new Candidate(0, 0.03, 1, 0))).as("json").isLessThanOrEqualTo(3);
    assertThat(leaving(new Candidate(0, 0, 1.3, 0))).as("slower").isLessThanOrEqualTo(3);
    assertThat(leaving(new Candidate(0, 0, 1, 0.02))).as("empty").isLessThanOrEqualTo(3);
  }

  @Test
  void shouldRollBackWhatIsShownToBeWorse() {
    int rolledBack = 0;
    for (int run = 0; run < 20; run++) {
      rolledBack += run(new Candidate(0.05, 0, 1, 0), run).rolledBack() ? 1 : 0;
    }
    assertThat(rolledBack).isGreaterThanOrEqualTo(18);
  }

  @Test
  void shouldNeverPassWithoutPairs() {
    PolicyHarness harness = new PolicyHarness();
    harness.apply("r1", FILE);
    harness.obey("router-1");

    harness.pass(Duration.ofHours(2));

    assertThat(harness.status().stage()).isZero();
    assertThat(harness.kinds()).contains(EventKind.HELD);
    assertThat(harness.told(EventKind.HELD).text()).contains("at least 100 are needed");
  }

  /** In how many runs the candidate has left shadow when the announced pairs were seen. */
  private static int leaving(Candidate candidate) {
    int left = 0;
    long pairs = 0;
    int rolledBack = 0;
    double planned = 0;
    for (int run = 0; run < RUNS; run++) {
      Outcome outcome = run(candidate, run);
      left += outcome.left() ? 1 : 0;
      rolledBack += outcome.rolledBack() ? 1 : 0;
      pairs += outcome.pairs();
      planned += outcome.planned();
    }
    System.out.printf(
        "%s: left %d, rolled back %d of %d, mean pairs %d, announced %.0f%n",
        candidate, left, rolledBack, RUNS, pairs / RUNS, planned / RUNS);
    return left;
  }

  private static Outcome run(Candidate candidate, int seed) {
    PolicyHarness harness = new PolicyHarness();
    harness.apply("r1", FILE);
    harness.obey("router-1");
    // The stage has lasted: only pairs are missing.
    harness.pass(Duration.ofMinutes(61));
    SplittableRandom random = new SplittableRandom(seed);
    double planned = PairsGate.FEWEST;
    long pairs = 0;
    while (pairs < planned
        && harness.status().stage() == 0
        && harness.newest().phase() == RolloutState.RUNNING) {
      for (int i = 0; i < 50 && harness.newest().phase() == RolloutState.RUNNING; i++) {
        harness.step(new Input.Paired(harness.now(), pair(candidate, random)));
        pairs++;
      }
      harness.pass(Duration.ofSeconds(11));
      if (pairs <= 150 && harness.status().stage() == 0 && !harness.weighed.isEmpty()) {
        // What is announced first, is held to.
        planned =
            harness.standing().evidence().getOrDefault("plannedPairs", (double) PairsGate.FEWEST);
        planned = Math.max(planned, pairs < 150 ? 150 : 0);
      }
    }
    return new Outcome(
        harness.status().stage() > 0,
        harness.newest().phase() == RolloutState.ROLLED_BACK,
        pairs,
        planned);
  }

  private static PairedObservation pair(Candidate candidate, SplittableRandom random) {
    boolean controlFails = random.nextDouble() < 0.005;
    boolean fails = random.nextDouble() < 0.005 + candidate.empty();
    boolean answered = !controlFails && !fails;
    boolean json = answered && random.nextDouble() < 0.5;
    double ratio = candidate.slower() * Math.exp(0.5 * PolicyHarness.gaussian(random));
    return new PairedObservation(
        "r1",
        0,
        "candidate",
        fails,
        controlFails,
        answered ? random.nextDouble() < 0.01 + candidate.refuses() : null,
        answered ? random.nextDouble() < 0.01 : null,
        json ? random.nextDouble() >= 2 * candidate.breaks() : null,
        json ? Boolean.TRUE : null,
        answered ? ratio : null,
        TOLD,
        TOLD,
        answered ? Double.valueOf(1) : null,
        List.of("language=" + (random.nextInt(4) == 0 ? "de" : "en"), "length=short"));
  }
}
