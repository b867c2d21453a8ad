package io.serin.analytics.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.Observation;
import io.serin.schemas.ProgressEvent;
import io.serin.schemas.RequestEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Attempts that are still running, from the topic to the judge's inputs. */
class ProgressTest {
  private static final String FILE =
      """
      rollout: assistant
      unit: [header:x-user-id]
      variants:
        control:   {url: http://localhost:8101/v1}
        candidate: {url: http://localhost:8102/v1}
      stages:
        - {weight: 50%, for: 1h}
      """;

  @Test
  void shouldExposeAUnitAtTheFirstMarkAndTellItsEndAsTheSameRequest() {
    try (DecideHarness serin = new DecideHarness()) {
      serin.apply("run-1", FILE);
      RequestEvent end = serin.request("u1").setClientDurationMicros(5_000_000L).build();

      serin.send(serin.running(end, 1_000));
      serin.send(serin.running(end, 2_000));
      serin.send(end);

      List<Observation> seen = observations(serin);
      assertThat(seen).extracting(Observation::getRunning).containsExactly(true, true, false);
      assertThat(seen).extracting(Observation::getFirst).containsOnly(true);
      assertThat(seen)
          .as("what was told before")
          .extracting(Observation::getToldMicros)
          .containsExactly(0L, 1_000_000L, 2_000_000L);
      assertThat(seen).extracting(Observation::getStartedAt).doesNotContainNull();
    }
  }

  @Test
  void shouldPassMarksOnOnceAndNoneAfterTheEndWhateverTheOrder() {
    try (DecideHarness serin = new DecideHarness()) {
      serin.apply("run-1", FILE);
      RequestEvent end = serin.request("u1").setClientDurationMicros(5_000_000L).build();
      ProgressEvent first = serin.running(end, 1_000);
      ProgressEvent second = serin.running(end, 2_000);

      serin.send(second);
      serin.send(second);
      serin.send(first);
      serin.send(end);
      serin.send(serin.running(end, 4_000));

      assertThat(observations(serin))
          .extracting(Observation::getRunning)
          .containsExactly(true, false);
    }
  }

  @Test
  void shouldKnowAgainAnAttemptThatControlAnsweredUnderAnotherId() {
    try (DecideHarness serin = new DecideHarness()) {
      serin.apply("run-1", FILE);
      RequestEvent begun = serin.request("u1").setClientDurationMicros(5_000_000L).build();
      serin.send(serin.running(begun, 1_000));

      serin.send(
          RequestEvent.newBuilder(DecideHarness.failed(RequestEvent.newBuilder(begun)))
              .setRequestId("under control's id")
              .setProgressId(begun.getRequestId())
              .build());

      assertThat(observations(serin))
          .extracting(Observation::getToldMicros)
          .containsExactly(0L, 1_000_000L);
    }
  }

  private static List<Observation> observations(DecideHarness serin) {
    return serin.inputs.stream()
        .map(input -> input.getInput())
        .filter(Observation.class::isInstance)
        .map(Observation.class::cast)
        .toList();
  }
}
