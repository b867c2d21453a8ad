package io.serin.simulation.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.simulation.Report;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The quick form of all simulations; {@code serin simulate} runs the full one. */
class ScenariosTest {
  static Stream<Scenario> scenarios() {
    return Scenarios.ALL.stream();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void shouldHold(Scenario scenario) {
    long start = System.nanoTime();
    Report report = scenario.run(20_261_122, scenario.quickRuns());
    System.out.println(report.text() + "  " + (System.nanoTime() - start) / 1_000_000 + " ms");
    assertThat(report.figures()).allSatisfy(f -> assertThat(f.holds()).as(f.toString()).isTrue());
  }
}
