package io.serin.analytics.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.EventKind;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.PairObservation;
import io.serin.schemas.RolloutState;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.ShadowSide;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ShadowGateTopologyTest {
  private static final String FILE =
      """
      rollout: assistant
      unit: [header:x-user-id]
      variants:
        control: {url: "http://127.0.0.1:1/v1", model: a}
        candidate: {url: "http://127.0.0.1:2/v1", model: b}
      shadow: {sample: 1.0, controlReplay: 1.0}
      stages:
        - {shadow: true, for: 1m, until: pairs}
        - {weight: 5%, for: 1h}
      """;

  private final DecideHarness harness = new DecideHarness();

  @AfterEach
  void close() {
    harness.close();
  }

  @Test
  void shouldLeaveShadowByPairsAlone() {
    harness.apply("r1", FILE);
    harness.advance(Duration.ofMinutes(2));
    assertThat(harness.newest().getStage()).isZero();
    assertThat(harness.event(EventKind.HELD).getText()).contains("0 pairs");

    for (int i = 0; i < 700; i++) {
      harness.shadow(result("u" + i, Outcome.OK, 80_000 + 100 * (i % 400), false).build());
    }
    harness.advance(Duration.ofSeconds(11));

    assertThat(harness.newest().getStage()).isEqualTo(1);
  }

  @Test
  void shouldEndTheRunOfACandidateThatRefusesMore() {
    harness.apply("r1", FILE);

    for (int i = 0; i < 400; i++) {
      harness.shadow(result("u" + i, Outcome.OK, 100_000, i % 20 == 0).build());
    }

    assertThat(harness.newest().getState()).isEqualTo(RolloutState.ROLLED_BACK);
    assertThat(harness.event(EventKind.ROLLED_BACK).getText()).contains("candidate refuses");
  }

  @Test
  void shouldCountOneLivePairAUnit() {
    harness.apply("r1", FILE);

    harness.shadow(result("u1", Outcome.EMPTY, 100_000, false).build());
    harness.shadow(result("u1", Outcome.EMPTY, 100_000, false).build());
    harness.shadow(result("u2", Outcome.OK, 100_000, false).setControl(null).build());
    harness.shadow(result("u3", Outcome.OK, 100_000, false).setBackfill("b").build());
    harness.shadow(result("u4", Outcome.OK, 100_000, false).setSkipped("budget").build());

    List<PairObservation> pairs =
        harness.inputs.stream()
            .map(input -> input.getInput() instanceof PairObservation pair ? pair : null)
            .filter(pair -> pair != null)
            .toList();
    assertThat(pairs)
        .singleElement()
        .satisfies(
            pair -> {
              assertThat(pair.getUnit()).isEqualTo("u1");
              assertThat(pair.getCandidateFailed()).isTrue();
              assertThat(pair.getDurationRatio()).isNull();
            });
  }

  private ShadowResult.Builder result(String unit, Outcome outcome, long micros, boolean refuses) {
    return ShadowResult.newBuilder()
        .setRequestId("q-" + unit)
        .setAt(harness.now())
        .setRollout(DecideHarness.ROLLOUT)
        .setRun("r1")
        .setStage(0)
        .setUnit(unit)
        .setEndpoint("chat.completions")
        .setServed(side("control", Outcome.OK, 100_000, false))
        .setCandidate(side("candidate", outcome, micros, refuses))
        .setControl(side("control", Outcome.OK, 100_000, false));
  }

  private static ShadowSide side(
      String variant, Outcome outcome, long micros, @Nullable Boolean refuses) {
    return ShadowSide.newBuilder()
        .setVariant(variant)
        .setMeasurement(
            Measurement.newBuilder()
                .setOutcome(outcome)
                .setDurationMicros(micros)
                .setRefusal(refuses)
                .build())
        .build();
  }
}
