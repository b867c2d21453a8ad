package io.serin.router.kafka;

import io.serin.schemas.Command;
import io.serin.schemas.Deadlines;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RolloutState;
import io.serin.schemas.Slice;
import io.serin.schemas.Why;
import java.time.Instant;
import java.util.List;

/** Records that the tests of this package send. */
final class Records {

  static final Instant NOW = Instant.ofEpochMilli(1_760_000_000_000L);

  private Records() {}

  static RequestEvent request(String requestId, String unit) {
    Measurement measurement = new Measurement();
    measurement.setOutcome(Outcome.OK);
    measurement.setStatus(200);
    measurement.setTtftMicros(120_000L);
    measurement.setDurationMicros(900_000L);
    measurement.setPromptTokens(300L);
    measurement.setCompletionTokens(150L);
    measurement.setFinishReason("stop");
    measurement.setRefusal(false);
    RequestEvent event = new RequestEvent();
    event.setRequestId(requestId);
    event.setAttempt(1);
    event.setLast(true);
    event.setStartedAt(NOW);
    event.setEndedAt(NOW);
    event.setRouter("router-1");
    event.setRollout("assistant");
    event.setRun("run-1");
    event.setRevision(3L);
    event.setStage(1);
    event.setStageName("25 %");
    event.setSplit(List.of(new Slice("candidate", 0, 2_500), new Slice("control", 2_500, 10_000)));
    event.setUnit(unit);
    event.setAssignedVariant("candidate");
    event.setServedVariant("candidate");
    event.setWhy(Why.ASSIGNED);
    event.setEndpoint("chat.completions");
    event.setStreamed(true);
    event.setMeasurement(measurement);
    event.setClientOutcome(Outcome.OK);
    event.setClientStatus(200);
    return event;
  }

  static FeedbackEvent feedback(String requestId, String unit) {
    FeedbackEvent event = new FeedbackEvent();
    event.setRequestId(requestId);
    event.setKind("thumb");
    event.setValue(1.0);
    event.setReceivedAt(NOW);
    event.setRollout("assistant");
    event.setRun("run-1");
    event.setStage(1);
    event.setUnit(unit);
    event.setAssignedVariant("candidate");
    event.setServedVariant("candidate");
    event.setWhy(Why.ASSIGNED);
    return event;
  }

  static Command command(String rollout, long revision) {
    Command command = new Command();
    command.setRollout(rollout);
    command.setRevision(revision);
    command.setRun("run-1");
    command.setState(RolloutState.RUNNING);
    command.setStage(0);
    command.setStageName("5 %");
    command.setVariants(List.of());
    command.setSplit(List.of(new Slice("control", 0, 10_000)));
    command.setSalt("salt");
    command.setUnit(List.of("header:x-user-id"));
    command.setDeadlines(new Deadlines(1_000, 10_000, 10_000, 60_000));
    command.setLeaseMillis(30_000L);
    command.setCause("applied by ann");
    command.setIssuedAt(NOW);
    command.setClearsTrips(List.of());
    return command;
  }
}
