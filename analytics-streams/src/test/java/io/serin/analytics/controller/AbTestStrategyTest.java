package io.serin.analytics.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.rollout.assignment.Split;
import io.serin.schemas.ActionKind;
import io.serin.schemas.Decision;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AbTestStrategyTest {
  private static final String FILE =
      """
      rollout: assistant
      strategy: ab
      variants:
        control: {url: http://localhost:8101/v1}
        b:       {url: http://localhost:8102/v1}
        c:       {url: http://localhost:8103/v1}
      split: {b: 40%, c: 20%}
      primary: error.rate
      mde: 5pp
      guards: [{metric: tokens, worseBy: 50%, then: flag}]
      """;
  private static final Map<String, Double> B_IS_BETTER = Map.of("control", 0.2, "b", 0.1, "c", 0.2);

  private final PolicyHarness serin = new PolicyHarness();
  private final SplittableRandom random = new SplittableRandom(4);

  @Test
  void shouldStopAtADecisionOfThePrimaryAndLeaveTheChoiceToAPerson() {
    begin();
    Split split = serin.newest().split();

    serin.traffic(random, 12_000, Duration.ofMillis(100), B_IS_BETTER);

    assertThat(serin.told(EventKind.DECIDED).text())
        .contains("error.rate of b")
        .contains("it is better");
    assertThat(serin.newest().split()).as("users stay where they are").isEqualTo(split);
    Output.StageVerdict b =
        serin.weighed.stream().filter(w -> w.candidate().equals("b")).toList().getLast();
    assertThat(b.decision()).isEqualTo(Decision.PROMOTE);
    assertThat(b.evidence()).containsKeys("p", "holm.latency", "holm.tokens");

    serin.ask(ActionKind.PROMOTE);
    assertThat(serin.told(EventKind.ACTION_REFUSED).text()).contains("name one of b, c");
    serin.ask(ActionKind.PROMOTE, "b");
    assertThat(serin.newest().split()).isEqualTo(Split.all("b"));
  }

  @Test
  void shouldStopAtThePlannedSizeWhereThereIsNoDifference() {
    begin();

    serin.traffic(
        random, 12_000, Duration.ofMillis(100), Map.of("control", 0.05, "b", 0.05, "c", 0.05));

    assertThat(serin.told.stream().filter(e -> e.kind() == EventKind.DECIDED))
        .isNotEmpty()
        .allMatch(event -> event.text().contains("the planned size shows no difference"));
    assertThat(serin.standing().decision()).isEqualTo(Decision.INCONCLUSIVE);
    assertThat(serin.phase()).isEqualTo(RolloutState.RUNNING);
  }

  @Test
  void shouldSayHowMuchMoreItNeeds() {
    begin();

    serin.traffic(
        random, 1_000, Duration.ofMillis(100), Map.of("control", 0.05, "b", 0.05, "c", 0.05));

    assertThat(serin.standing().text()).contains("planned units", "need about", "at this rate");
  }

  private void begin() {
    serin.apply("run-1", FILE);
    serin.obey("r1");
  }
}
