package io.serin.analytics.decide;

import io.serin.analytics.controller.Input;
import io.serin.analytics.observation.FirstRating;
import io.serin.analytics.observation.Measure;
import io.serin.analytics.observation.Observation.End;
import io.serin.analytics.observation.Observation.FirstEvents;
import io.serin.analytics.observation.Observation.Progress;
import io.serin.rollout.Variant;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.ActionKind;
import io.serin.schemas.ActionRequest;
import io.serin.schemas.Command;
import io.serin.schemas.DecisionInput;
import io.serin.schemas.Measurement;
import io.serin.schemas.Observation;
import io.serin.schemas.PairObservation;
import io.serin.schemas.Rating;
import io.serin.schemas.RefusedPart;
import io.serin.schemas.RolloutState;
import io.serin.schemas.RouterAck;
import io.serin.schemas.StepFailure;
import io.serin.schemas.Tick;
import io.serin.schemas.WantedRollout;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads the log's records as what the policy acts on. */
public final class Inputs {
  private Inputs() {}

  /** The policy's input; empty where this version has no use for the record. */
  public static Optional<Input> read(DecisionInput logged) {
    long at = logged.getAt().toEpochMilli();
    Object input = logged.getInput();
    return Optional.ofNullable(
        switch (input) {
          case Observation observation -> observed(at, observation);
          case Rating rating -> rated(at, rating);
          case PairObservation pair -> new Input.Paired(at, Pairing.sight(pair));
          case WantedRollout wanted ->
              new Input.Applied(
                  at,
                  wanted.getRun(),
                  wanted.getFile(),
                  wanted.getAppliedBy(),
                  wanted.getReason(),
                  wanted.getFrozenBy());
          case ActionRequest action -> action(at, action);
          case RouterAck ack -> heard(at, logged.getRollout(), ack);
          case StepFailure failure -> new Input.Failed(at, failure.getRun(), failure.getCause());
          case Tick tick -> new Input.Tick(at);
          case Command command -> found(at, command);
          default -> null;
        });
  }

  private static @Nullable Input observed(long at, Observation observation) {
    Measurement measurement = observation.getMeasurement();
    End end = observation.getRunning() ? End.RUNNING : Observing.end(measurement.getOutcome());
    if (end == null) {
      return null;
    }
    return new Input.Observed(
        at,
        new io.serin.analytics.observation.Observation(
            observation.getRun(),
            observation.getStage(),
            observation.getUnit(),
            observation.getVariant(),
            observation.getEventTime().toEpochMilli(),
            observation.getLabelClass(),
            observation.getLabelSlots(),
            observation.getWeights(),
            new FirstEvents(
                observation.getFirst(),
                observation.getFirstOfKind(),
                observation.getFirstError(),
                observation.getFirstRefusal(),
                observation.getFirstCached(),
                observation.getFirstFollowUp(),
                peaks(observation.getPeaks())),
            observation.getStreamed(),
            end,
            measurement.getTtftMicros(),
            measurement.getDurationMicros(),
            measurement.getCompletionTokens(),
            measurement.getRefusal(),
            measurement.getCachedTokens(),
            new Progress(
                observation.getStartedAt(),
                observation.getToldMicros(),
                observation.getToldTtftMicros())));
  }

  /** A measure of a newer writer is left out: no guard of this version watches it. */
  private static Map<Measure, Long> peaks(Map<String, Long> told) {
    Map<Measure, Long> peaks = new EnumMap<>(Measure.class);
    for (Measure measure : Measure.values()) {
      Long before = told.get(measure.name());
      if (before != null) {
        peaks.put(measure, before);
      }
    }
    return peaks;
  }

  private static Input rated(long at, Rating rating) {
    return new Input.Rating(
        at,
        new FirstRating(
            rating.getRun(),
            rating.getStage(),
            rating.getUnit(),
            rating.getVariant(),
            rating.getEventTime().toEpochMilli(),
            rating.getLabelClass(),
            rating.getLabelSlots(),
            rating.getBad()));
  }

  /** Null for an apply, whose file is the input, and for an action of a newer version. */
  private static @Nullable Input action(long at, ActionRequest action) {
    return action.getKind() == ActionKind.UNKNOWN || action.getKind() == ActionKind.APPLY
        ? null
        : new Input.Action(
            at,
            action.getKind(),
            action.getWho(),
            action.getReason(),
            action.getExpectedRevision(),
            action.getIdempotencyKey(),
            action.getVariant());
  }

  private static Input heard(long at, String rollout, RouterAck ack) {
    Set<String> tripped = new TreeSet<>();
    for (String trip : ack.getTrips()) {
      if (trip.startsWith(rollout + "/")) {
        tripped.add(trip.substring(rollout.length() + 1));
      }
    }
    Map<String, String> refused = new TreeMap<>();
    for (RefusedPart part : ack.getRefused()) {
      if (part.getRollout().equals(rollout)) {
        refused.merge(
            part.getVariant() == null ? "" : part.getVariant(),
            part.getReason(),
            (a, b) -> a + "; " + b);
      }
    }
    return new Input.Heartbeat(
        at,
        ack.getRouter(),
        ack.getIncarnation(),
        ack.getRevisions().getOrDefault(rollout, 0L),
        tripped,
        refused,
        ack.getMoved().stream()
            .filter(moved -> moved.getRollout().equals(rollout))
            .map(
                moved ->
                    new Input.Moved(
                        moved.getRun(),
                        moved.getVariant(),
                        moved.getOpen(),
                        moved.getContinued(),
                        moved.getFailed()))
            .toList());
  }

  private static @Nullable Input found(long at, Command command) {
    return command.getState() == RolloutState.UNKNOWN
        ? null
        : new Input.FoundCommand(
            at,
            command.getRevision(),
            command.getRun(),
            command.getState(),
            command.getStage(),
            split(command),
            command.getIssuedAt().toEpochMilli(),
            command.getCauseId());
  }

  /** All control's where it cannot be read. */
  private static Split split(Command command) {
    try {
      return Observing.split(command.getSplit());
    } catch (IllegalArgumentException e) {
      return Split.all(Variant.CONTROL);
    }
  }
}
