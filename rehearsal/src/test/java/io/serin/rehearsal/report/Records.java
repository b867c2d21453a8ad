package io.serin.rehearsal.report;

import io.serin.schemas.Command;
import io.serin.schemas.Decision;
import io.serin.schemas.DecisionInput;
import io.serin.schemas.EventId;
import io.serin.schemas.EventKind;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RolloutState;
import io.serin.schemas.RouterAck;
import io.serin.schemas.Slice;
import io.serin.schemas.VariantMetrics;
import io.serin.schemas.Verdict;
import io.serin.schemas.Why;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;

/** Records of the rollout {@code assistant}, run {@code run}, with what a report reads of them. */
final class Records {

  final TopicRecords topics = new TopicRecords("assistant");

  TopicRecords.Snapshot snapshot() {
    return topics.snapshot();
  }

  void attempt(String eventId, String id, Instant at, String served, Why why, Outcome outcome) {
    attempt(eventId, id, at, 0, served, why, true, outcome);
  }

  void attempt(
      String eventId,
      String id,
      Instant at,
      int stage,
      String served,
      Why why,
      boolean last,
      Outcome outcome) {
    RequestEvent attempt = new RequestEvent();
    attempt.setId(new EventId(eventId, 0, 1L));
    attempt.setClientRequestId(id);
    attempt.setLast(last);
    attempt.setEndedAt(at);
    attempt.setRollout("assistant");
    attempt.setRun("run");
    attempt.setStage(stage);
    attempt.setServedVariant(served);
    attempt.setWhy(why);
    Measurement measurement = new Measurement();
    measurement.setOutcome(outcome);
    measurement.setTtftMicros(120_000L);
    attempt.setMeasurement(measurement);
    attempt.setClientOutcome(last ? outcome : null);
    add(attempt, at);
  }

  void window(String run, long millis, Instant start, long update, long requests) {
    VariantMetrics window = new VariantMetrics();
    window.setRollout("assistant");
    window.setRun(run);
    window.setVariant("control");
    window.setWindowMillis(millis);
    window.setWindowStart(start);
    window.setUpdate(update);
    window.setRequests(requests);
    add(window, start);
  }

  void verdict(
      String id,
      Instant at,
      int stage,
      String metric,
      Decision decision,
      double logE,
      String text) {
    Verdict verdict = new Verdict();
    verdict.setId(id);
    verdict.setRollout("assistant");
    verdict.setRun("run");
    verdict.setStage(stage);
    verdict.setCandidate("candidate");
    verdict.setMetric(metric);
    verdict.setDecision(decision);
    verdict.setAt(at);
    verdict.setLogE(logE);
    verdict.setThreshold(5.52);
    verdict.setCandidateUnits(80L);
    verdict.setControlUnits(240L);
    verdict.setCandidateEvents(9L);
    verdict.setDifference(0.11);
    verdict.setText(text);
    add(verdict, at);
  }

  /** A command whose candidate has a share in basis points. */
  void command(long revision, Instant at, RolloutState state, int stage, String name, int share) {
    Command command = new Command();
    command.setRollout("assistant");
    command.setRun("run");
    command.setRevision(revision);
    command.setState(state);
    command.setStage(stage);
    command.setStageName(name);
    command.setCause("cause of stage " + name);
    command.setCauseId("v-" + revision);
    command.setIssuedAt(at);
    List<Slice> split = new ArrayList<>();
    if (share > 0) {
      split.add(new Slice("candidate", 0, share));
    }
    if (share < 10_000) {
      split.add(new Slice("control", share, 10_000));
    }
    command.setSplit(split);
    add(command, at);
  }

  void event(
      Instant at,
      int stage,
      String name,
      EventKind kind,
      String text,
      Map<String, String> details) {
    RolloutEvent event = new RolloutEvent();
    event.setRollout("assistant");
    event.setRun("run");
    event.setStage(stage);
    event.setStageName(name);
    event.setKind(kind);
    event.setAt(at);
    event.setText(text);
    event.setDetails(new TreeMap<>(details));
    add(event, at);
  }

  void ack(String router, String incarnation, Instant at, long revision) {
    RouterAck ack = new RouterAck();
    ack.setRouter(router);
    ack.setIncarnation(incarnation);
    ack.setAt(at);
    ack.setRevisions(Map.of("assistant", revision));
    ack.setTrips(List.of());
    add(ack, at);
  }

  void input(Instant at) {
    DecisionInput input = new DecisionInput();
    input.setRollout("assistant");
    add(input, at);
  }

  private void add(SpecificRecord record, Instant at) {
    topics.add(record, at);
  }
}
