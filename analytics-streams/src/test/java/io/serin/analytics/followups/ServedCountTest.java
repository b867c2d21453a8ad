package io.serin.analytics.followups;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.EventId;
import io.serin.schemas.EventKind;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.Slice;
import io.serin.schemas.Why;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ServedCountTest {
  private static final Instant FIRST_BAD = Instant.parse("2026-03-01T12:00:00Z");
  private static final Instant NOW = FIRST_BAD.plusSeconds(5);

  @Test
  void shouldCountWhatTheCandidateServedAfterTheFirstBadRequestOnceEach() {
    ServedCount count = counting("candidate");

    count.see(attempt(1, "ann", "candidate", 0)); // the first bad one
    count.see(attempt(2, "ann", "candidate", 300));
    count.see(attempt(2, "ann", "candidate", 300)); // sent again
    count.see(attempt(3, "bob", "candidate", 850));
    count.see(attempt(4, "bob", "candidate", -1)); // before
    count.see(attempt(5, "eve", "control", 400)); // another variant
    count.see(attempt(6, "eve", "candidate", 400, "run-0", Outcome.OK)); // another run
    count.see(attempt(7, "eve", "candidate", 400, "run-1", Outcome.REJECTED)); // served by nobody
    count.see(attempt(8, "dan", "candidate", 500, "run-1", Outcome.TIMEOUT));

    RolloutEvent told = count.event(NOW);
    assertThat(told.getKind()).isEqualTo(EventKind.ROLLBACK_COUNTED);
    assertThat(told.getDetails())
        .containsEntry("requests", "3")
        .containsEntry("units", "3")
        .containsEntry("millis", "850")
        .containsEntry("candidates", "candidate");
    assertThat(told.getText())
        .isEqualTo(
            "candidate served 3 more requests after the first bad one, the last of them 850 ms later;"
                + " 3 units met it in that time.");
    assertThat(told.getRun()).isEqualTo("run-1");
    assertThat(told.getAt()).isEqualTo(NOW);
  }

  @Test
  void shouldCountEveryCandidateThatWasTakenOut() {
    ServedCount count = counting("large,small");

    count.see(attempt(1, "ann", "large", 0));
    count.see(attempt(2, "bob", "small", 10));

    assertThat(count.event(NOW).getDetails())
        .containsEntry("requests", "1")
        .containsEntry("units", "2")
        .containsEntry("candidates", "large,small");
  }

  @Test
  void shouldHaveNothingToCountWhereNoRequestBeganIt() {
    assertThat(ServedCount.of(event(EventKind.ROLLBACK_CONFIRMED, Map.of("candidates", "small"))))
        .isNull();
    assertThat(
            ServedCount.of(
                event(
                    EventKind.ROLLED_BACK,
                    Map.of("candidates", "small", "firstBadAt", "1772366400000"))))
        .as("before the routers left it")
        .isNull();
  }

  private static ServedCount counting(String candidates) {
    return Objects.requireNonNull(
        ServedCount.of(
            event(
                EventKind.ROLLBACK_CONFIRMED,
                Map.of(
                    "candidates",
                    candidates,
                    "firstBadAt",
                    Long.toString(FIRST_BAD.toEpochMilli())))));
  }

  private static RolloutEvent event(EventKind kind, Map<String, String> details) {
    return RolloutEvent.newBuilder()
        .setRollout("assistant")
        .setRun("run-1")
        .setRevision(7)
        .setStage(1)
        .setStageName("25%")
        .setKind(kind)
        .setAt(FIRST_BAD.plusSeconds(1))
        .setText("")
        .setDetails(details)
        .build();
  }

  private static RequestEvent attempt(int number, String unit, String served, long millis) {
    return attempt(number, unit, served, millis, "run-1", Outcome.OK);
  }

  private static RequestEvent attempt(
      int number, String unit, String served, long millis, String run, Outcome outcome) {
    return RequestEvent.newBuilder()
        .setId(new EventId("router-1", 0, (long) number))
        .setRequestId("request-" + number)
        .setAttempt(1)
        .setLast(true)
        .setStartedAt(FIRST_BAD.plusMillis(millis - 100))
        .setEndedAt(FIRST_BAD.plusMillis(millis))
        .setRouter("router-1")
        .setRollout("assistant")
        .setRun(run)
        .setRevision(6)
        .setStage(1)
        .setStageName("25%")
        .setSplit(List.of(new Slice("candidate", 0, 2_500), new Slice("control", 2_500, 10_000)))
        .setUnit(unit)
        .setAssignedVariant(served)
        .setServedVariant(served)
        .setWhy(Why.ASSIGNED)
        .setEndpoint("chat.completions")
        .setStreamed(false)
        .setMeasurement(
            Measurement.newBuilder().setOutcome(outcome).setDurationMicros(100_000).build())
        .build();
  }
}
