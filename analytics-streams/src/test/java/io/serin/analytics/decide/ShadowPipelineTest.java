package io.serin.analytics.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutState;
import io.serin.worker.Replays;
import io.serin.worker.Replays.Said;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Texts through the worker's comparison, the topology and the controller: each fault is caught
 * before anybody is served, within the pairs that are announced; an equal candidate goes on.
 */
class ShadowPipelineTest {
  private static final String FILE =
      """
      rollout: assistant
      unit: [header:x-user-id]
      variants:
        control: {url: "http://127.0.0.1:1/v1", model: a}
        candidate: {url: "http://127.0.0.1:2/v1", model: b}
      shadow: {sample: 1.0, controlReplay: 1.0}
      stages:
        - {shadow: true, for: 1m}
        - {weight: 5%, for: 1h}
      """;
  private static final String ASKS_JSON =
      "{\"model\":\"assistant\",\"response_format\":{\"type\":\"json_object\"},\"messages\":[{\"role\":"
          + "\"user\",\"content\":\"Give me the capital of France as JSON.\"}]}";
  private static final String ASKS_TEXT =
      "{\"model\":\"assistant\",\"messages\":[{\"role\":\"user\",\"content\":"
          + "\"What is the capital of France and why?\"}]}";
  private static final String REFUSAL = "I'm sorry, but I cannot help with that request.";
  private static final int MOST = 8_000;

  /**
   * What is added to control's own: shares of all pairs, refusals of the half that is no JSON, and
   * a factor.
   */
  private record Fault(double refuses, double breaks, double slower, double empty) {}

  private record Ended(RolloutState state, int stage, int pairs, double announced, String told) {}

  @Test
  void shouldCatchACandidateThatRefusesMore() {
    assertCaught(new Fault(0.1, 0, 1, 0), "refuses", 11, 12);
  }

  @Test
  void shouldCatchACandidateThatBreaksJson() {
    assertCaught(new Fault(0, 0.03, 1, 0), "breaks the JSON", 21, 22);
  }

  @Test
  void shouldCatchACandidateThatIsSlower() {
    assertCaught(new Fault(0, 0, 1.3, 0), "is slower", 31, 32);
  }

  @Test
  void shouldCatchACandidateThatAnswersNothing() {
    assertCaught(new Fault(0, 0, 1, 0.02), "fails or is empty", 41, 42);
  }

  @Test
  void shouldLetAnEqualCandidateGoOn() {
    for (int seed : new int[] {51, 52}) {
      Ended ended = run(new Fault(0, 0, 1, 0), seed);
      assertThat(ended.state()).isEqualTo(RolloutState.RUNNING);
      assertThat(ended.stage()).isEqualTo(1);
      assertThat((double) ended.pairs()).isLessThanOrEqualTo(ended.announced());
    }
  }

  private static void assertCaught(Fault fault, String because, int... seeds) {
    for (int seed : seeds) {
      Ended ended = run(fault, seed);
      assertThat(ended.state()).as("seed %d", seed).isEqualTo(RolloutState.ROLLED_BACK);
      assertThat(ended.stage()).as("before anybody was served").isZero();
      assertThat(ended.told()).contains(because);
      assertThat((double) ended.pairs()).isLessThanOrEqualTo(ended.announced());
    }
  }

  private static Ended run(Fault fault, int seed) {
    Random random = new Random(seed);
    try (DecideHarness harness = new DecideHarness()) {
      harness.apply("r1", FILE);
      harness.advance(Duration.ofMinutes(2));
      double announced = 0;
      int pairs = 0;
      while (pairs < MOST
          && harness.newest().getStage() == 0
          && harness.newest().getState() == RolloutState.RUNNING) {
        pairs++;
        harness.shadow(pair(fault, random, pairs, harness));
        if (pairs % 100 == 0) {
          harness.advance(Duration.ofSeconds(11));
          if (announced == 0) {
            announced = announced(harness);
          }
        }
      }
      boolean over = harness.newest().getState() == RolloutState.ROLLED_BACK;
      return new Ended(
          harness.newest().getState(),
          harness.newest().getStage(),
          pairs,
          announced,
          over ? harness.event(EventKind.ROLLED_BACK).getText() : "");
    }
  }

  private static double announced(DecideHarness harness) {
    return harness.verdicts.reversed().stream()
        .map(verdict -> verdict.getEvidence().get("plannedPairs"))
        .filter(planned -> planned != null)
        .findFirst()
        .map(Double::doubleValue)
        .orElse(0.0);
  }

  private static io.serin.schemas.ShadowResult pair(
      Fault fault, Random random, int number, DecideHarness harness) {
    boolean json = random.nextBoolean();
    Said control = said(random, json, 0.005, 0.01, 0, 1);
    Said candidate =
        said(
            random,
            json,
            0.005 + fault.empty(),
            0.01 + fault.refuses(),
            2 * fault.breaks(),
            fault.slower());
    return Replays.of(
        DecideHarness.ROLLOUT,
        "r1",
        "u" + number,
        json ? ASKS_JSON : ASKS_TEXT,
        candidate,
        control,
        harness.now());
  }

  private static Said said(
      Random random, boolean json, double empty, double refused, double broken, double slower) {
    long micros = (long) (400_000 * slower * Math.exp(0.35 * random.nextGaussian()));
    if (random.nextDouble() < empty) {
      return new Said("", micros);
    }
    if (!json) {
      return new Said(
          random.nextDouble() < refused
              ? REFUSAL
              : "It is Paris, since kings and parliaments sat there for a thousand years.",
          micros);
    }
    return new Said(
        random.nextDouble() < broken ? "{\"capital\": \"Paris\"" : "{\"capital\": \"Paris\"}",
        micros);
  }
}
