package io.serin.simulation.ugly;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.simulation.Report;
import io.serin.simulation.scenario.Scenario;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The quick form of the ugly streams; {@code serin simulate ugly} runs the full one. {@code
 * -Dserin.simulation.runs=500} and {@code -Dserin.simulation.scenario=NAME} here too.
 */
class UglyScenariosTest {
  /**
   * Streams on which a figure is not yet what it must be, or that need more runs than a build has:
   * run where they are named.
   */
  private static final Set<String> NOT_IN_THE_BUILD =
      Set.of(
          "own-servers",
          "drift",
          "all-at-once",
          "few",
          "slow",
          "angry",
          "errors",
          "late-returning");

  private static final String ONLY = System.getProperty("serin.simulation.scenario", "");

  static Stream<Scenario> scenarios() {
    return UglyScenarios.ALL.stream()
        .filter(s -> ONLY.isEmpty() ? !NOT_IN_THE_BUILD.contains(s.name()) : s.name().equals(ONLY));
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void shouldHold(Scenario scenario) {
    long start = System.nanoTime();
    int runs = Integer.getInteger("serin.simulation.runs", scenario.quickRuns());
    Report report = scenario.run(20_261_128, runs);
    System.out.println(report.text() + "  " + (System.nanoTime() - start) / 1_000_000 + " ms");
    assertThat(report.figures()).allSatisfy(f -> assertThat(f.holds()).as(f.toString()).isTrue());
  }
}
