package io.serin.rehearsal.watch;

import io.serin.rehearsal.report.Seen;
import io.serin.schemas.Command;
import io.serin.schemas.DecisionInput;
import io.serin.schemas.EventId;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RouterAck;
import io.serin.schemas.Slice;
import io.serin.schemas.VariantMetrics;
import io.serin.schemas.Verdict;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;

/** Reduces records of Serin's topics to what a report needs. */
final class SeenRecords {

  private SeenRecords() {}

  /** The rollout that the record is of; empty where it is of all, or of none. */
  static Optional<String> rollout(SpecificRecord record) {
    return switch (record) {
      case RequestEvent event -> Optional.of(event.getRollout());
      case VariantMetrics metrics -> Optional.of(metrics.getRollout());
      case Verdict verdict -> Optional.of(verdict.getRollout());
      case Command command -> Optional.of(command.getRollout());
      case RolloutEvent event -> Optional.of(event.getRollout());
      case DecisionInput input -> Optional.of(input.getRollout());
      default -> Optional.empty();
    };
  }

  /** What the record tells of the rollout; empty where it is another rollout's. */
  static Optional<Seen> of(SpecificRecord record, Instant appendedAt, String rollout) {
    return switch (record) {
      case RequestEvent event when event.getRollout().equals(rollout) ->
          Optional.of(attempt(event, appendedAt));
      case VariantMetrics metrics when metrics.getRollout().equals(rollout) ->
          Optional.of(window(metrics, appendedAt));
      case Verdict verdict when verdict.getRollout().equals(rollout) ->
          Optional.of(judged(verdict, appendedAt));
      case Command command when command.getRollout().equals(rollout) ->
          Optional.of(commanded(command, appendedAt));
      case RouterAck ack -> Optional.of(acknowledged(ack, appendedAt, rollout));
      case RolloutEvent event when event.getRollout().equals(rollout) ->
          Optional.of(
              new Seen.Happened(
                  appendedAt,
                  event.getRun(),
                  event.getRevision(),
                  event.getStage(),
                  event.getStageName(),
                  event.getKind().name(),
                  event.getAt(),
                  event.getText(),
                  Map.copyOf(event.getDetails())));
      case DecisionInput input when input.getRollout().equals(rollout) ->
          Optional.of(
              new Seen.Decided(
                  appendedAt, input.getNumber(), input.getInput().getClass().getSimpleName()));
      default -> Optional.empty();
    };
  }

  private static Seen.Attempt attempt(RequestEvent event, Instant appendedAt) {
    EventId id = event.getId();
    return new Seen.Attempt(
        appendedAt,
        id.getIncarnation() + "/" + id.getPartition() + "/" + id.getSequence(),
        event.getClientRequestId(),
        event.getLast(),
        event.getEndedAt(),
        event.getRouter(),
        event.getRun(),
        event.getStage(),
        event.getAssignedVariant(),
        event.getServedVariant(),
        event.getWhy().name(),
        event.getMeasurement().getOutcome().name(),
        event.getClientOutcome() == null ? null : event.getClientOutcome().name(),
        event.getMeasurement().getTtftMicros());
  }

  private static Seen.Window window(VariantMetrics metrics, Instant appendedAt) {
    return new Seen.Window(
        appendedAt,
        metrics.getRun(),
        metrics.getStage(),
        metrics.getVariant(),
        metrics.getWindowMillis(),
        metrics.getWindowStart(),
        metrics.getUpdate(),
        metrics.getRequests());
  }

  private static Seen.Judged judged(Verdict verdict, Instant appendedAt) {
    return new Seen.Judged(
        appendedAt,
        verdict.getId(),
        verdict.getRun(),
        verdict.getRevision(),
        verdict.getStage(),
        verdict.getCandidate(),
        verdict.getMetric(),
        verdict.getDecision().name(),
        verdict.getAt(),
        verdict.getLogE(),
        verdict.getThreshold(),
        verdict.getCandidateUnits(),
        verdict.getControlUnits(),
        verdict.getCandidateEvents(),
        verdict.getControlEvents(),
        verdict.getDifference(),
        verdict.getText());
  }

  private static Seen.Commanded commanded(Command command, Instant appendedAt) {
    Map<String, Integer> shares = new TreeMap<>();
    for (Slice slice : command.getSplit()) {
      shares.merge(slice.getVariant(), slice.getTo() - slice.getFrom(), Integer::sum);
    }
    return new Seen.Commanded(
        appendedAt,
        command.getRun(),
        command.getRevision(),
        command.getState().name(),
        command.getStage(),
        command.getStageName(),
        command.getCause(),
        command.getCauseId(),
        command.getIssuedAt(),
        shares);
  }

  private static Seen.Acknowledged acknowledged(RouterAck ack, Instant appendedAt, String rollout) {
    return new Seen.Acknowledged(
        appendedAt,
        ack.getRouter(),
        ack.getIncarnation(),
        ack.getAt(),
        ack.getRevisions().get(rollout),
        ack.getTrips(),
        ack.getBacklog(),
        ack.getDropped());
  }
}
