package io.serin.analytics.controller;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The reduced form of {@link PolicySimulation}. */
class PolicySimulationTest {
  private static final int RUNS = 8;

  @Test
  void shouldPromoteAnIdenticalCandidateWithinTheAnnouncedSize() {
    PolicySimulation.Result result = run("identical, alpha .01");

    assertThat(result.promotedAsAnnounced()).isGreaterThanOrEqualTo(RUNS - 3);
    assertThat(result.rolledBack()).isLessThanOrEqualTo(1);
  }

  @Test
  void shouldNotPromoteOnTheMargin() {
    assertThat(run("on the margin, alpha .01").promoted()).isLessThanOrEqualTo(1);
  }

  @Test
  void shouldSayHowMuchMoreItNeedsAtOneRequestAMinute() {
    PolicySimulation.Result result = run("one request a minute");

    assertThat(result.outcomes())
        .allMatch(outcome -> !outcome.promoted() && !outcome.rolledBack())
        .allMatch(outcome -> outcome.says().contains("need about"));
  }

  private static PolicySimulation.Result run(String name) {
    return PolicySimulation.run(
        PolicySimulation.Scenario.ALL.stream()
            .filter(scenario -> scenario.name().equals(name))
            .findFirst()
            .orElseThrow(),
        1,
        RUNS);
  }
}
