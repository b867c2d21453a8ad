package io.serin.analytics.decide;

import io.serin.analytics.observation.Observation.End;
import io.serin.analytics.observation.Observation.FirstEvents;
import io.serin.analytics.observation.UnitHistory;
import io.serin.rollout.assignment.Split;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.Measurement;
import io.serin.schemas.Observation;
import io.serin.schemas.Outcome;
import io.serin.schemas.Outcomes;
import io.serin.schemas.ProgressEvent;
import io.serin.schemas.Rating;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Slice;
import io.serin.schemas.Why;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Which attempts are evidence, and what they say.
 *
 * <p>Evidence is the first attempt of a request whose variant was assigned by the split: one row a
 * request, by assigned arm. Where it failed before its first byte another variant answered; the row
 * then carries the failure, which is slower than every threshold, and the fallback attempts are
 * nobody's. Where it was the last attempt its latency is the client's own. A client that left is
 * never a failure. What the router refused or lost by its own death is nobody's fault and no row;
 * nor is what the router itself excluded, such as a client's mistake.
 */
final class Observing {
  private Observing() {}

  /** How the request ended for its arm; null if it is not evidence. */
  static @Nullable End evidence(RequestEvent event) {
    if (event.getWhy() != Why.ASSIGNED || event.getAttempt() != 1 || event.getExcluded() != null) {
      return null;
    }
    return end(event.getMeasurement().getOutcome());
  }

  static @Nullable End end(Outcome outcome) {
    if (outcome == Outcome.OK) {
      return End.OK;
    }
    if (outcome == Outcome.CANCELLED) {
      return End.CANCELLED;
    }
    return Outcomes.failed(outcome) ? End.FAILED : null;
  }

  /** What the judge is to see of the request, if anything. */
  static Optional<Observation> observe(
      UnitHistory history, RequestEvent event, End end, long appendedAt) {
    Measurement measurement = Measurement.newBuilder(event.getMeasurement()).build();
    if (event.getLast()) {
      Long ttft = event.getClientTtftMicros();
      Long duration = event.getClientDurationMicros();
      if (ttft != null) {
        measurement.setTtftMicros(ttft);
      }
      if (duration != null) {
        measurement.setDurationMicros(duration);
      }
    }
    Split split = split(event.getSplit());
    long eventTime = Math.min(event.getEndedAt().toEpochMilli(), appendedAt);
    boolean ok = end == End.OK;
    String told = event.getProgressId();
    UnitHistory.Seeing seeing =
        history.see(
            new UnitHistory.Request(
                event.getRevision(),
                split,
                event.getAssignedVariant(),
                event.getStage(),
                eventTime,
                end,
                ok && Boolean.TRUE.equals(measurement.getRefusal()),
                event.getStreamed(),
                measurement.getTtftMicros(),
                measurement.getDurationMicros(),
                measurement.getPromptTokens(),
                measurement.getCompletionTokens(),
                ok ? measurement.getCachedTokens() : null,
                event.getPriorAnswers()),
            told == null ? event.getRequestId() : told,
            began(event.getStartedAt(), eventTime, measurement.getDurationMicros()));
    return observed(seeing, split)
        .map(
            seen ->
                seen.setRollout(event.getRollout())
                    .setRun(event.getRun())
                    .setRevision(event.getRevision())
                    .setStage(event.getStage())
                    .setUnit(event.getUnit())
                    .setVariant(event.getAssignedVariant())
                    .setEventTime(Instant.ofEpochMilli(eventTime))
                    .setSource(event.getId())
                    .setStreamed(event.getStreamed())
                    .setMeasurement(measurement)
                    .build());
  }

  /** What the judge is to see of a request that is still running, if anything. */
  static Optional<Observation> observe(UnitHistory history, ProgressEvent event, long appendedAt) {
    Split split = split(event.getSplit());
    long eventTime = Math.min(event.getAt().toEpochMilli(), appendedAt);
    long durationMicros = TimeUnit.MILLISECONDS.toMicros(event.getWaitedMillis());
    UnitHistory.Seeing seeing =
        history.see(
            new UnitHistory.Request(
                event.getRevision(),
                split,
                event.getAssignedVariant(),
                event.getStage(),
                eventTime,
                End.RUNNING,
                false,
                event.getStreamed(),
                event.getTtftMicros(),
                durationMicros,
                null,
                null,
                null,
                event.getPriorAnswers()),
            event.getRequestId(),
            began(event.getStartedAt(), eventTime, durationMicros));
    return observed(seeing, split)
        .map(
            seen ->
                seen.setRollout(event.getRollout())
                    .setRun(event.getRun())
                    .setRevision(event.getRevision())
                    .setStage(event.getStage())
                    .setUnit(event.getUnit())
                    .setVariant(event.getAssignedVariant())
                    .setEventTime(Instant.ofEpochMilli(eventTime))
                    .setSource(event.getId())
                    .setStreamed(event.getStreamed())
                    .setRunning(true)
                    .setMeasurement(
                        Measurement.newBuilder()
                            .setOutcome(Outcome.UNKNOWN)
                            .setTtftMicros(event.getTtftMicros())
                            .setDurationMicros(durationMicros)
                            .build())
                    .build());
  }

  /** When a request was read, by no clock that runs ahead of the brokers'. */
  private static long began(Instant startedAt, long eventTime, long durationMicros) {
    return Math.min(
        startedAt.toEpochMilli(), eventTime - TimeUnit.MICROSECONDS.toMillis(durationMicros));
  }

  /** What the unit's history says of a request, where the judge is to see it. */
  private static Optional<Observation.Builder> observed(UnitHistory.Seeing seeing, Split split) {
    FirstEvents news = seeing.news();
    if (!news.tells()) {
      return Optional.empty();
    }
    Map<String, Long> peaks = new TreeMap<>();
    news.peaks().forEach((measure, before) -> peaks.put(measure.name(), before));
    return Optional.of(
        Observation.newBuilder()
            .setLabelClass(seeing.label().name())
            .setLabelSlots(seeing.label().slots())
            .setFirst(news.first())
            .setFirstOfKind(news.firstOfKind())
            .setFirstError(news.firstError())
            .setFirstRefusal(news.firstRefusal())
            .setFirstCached(news.firstCached())
            .setFirstFollowUp(news.firstFollowUp())
            .setPeaks(peaks)
            .setWeights(split.weights())
            .setStartedAt(seeing.progress().startedAt())
            .setToldMicros(seeing.progress().toldMicros())
            .setToldTtftMicros(seeing.progress().toldTtftMicros()));
  }

  /**
   * What a feedback rates; empty if it is not evidence: no thumb, or of a request that the split
   * did not assign.
   */
  static Optional<UnitHistory.Rating> rating(FeedbackEvent event, long appendedAt) {
    Double value = event.getValue();
    if (event.getWhy() != Why.ASSIGNED
        || event.getExcluded() != null
        || !event.getKind().equals("thumb")
        || value == null) {
      return Optional.empty();
    }
    return Optional.of(
        new UnitHistory.Rating(
            event.getStage(),
            event.getAssignedVariant(),
            Math.min(event.getReceivedAt().toEpochMilli(), appendedAt),
            value < 0,
            event.getId()));
  }

  /** What the judge is to see of a first rating. */
  static Rating rating(String rollout, String run, String unit, UnitHistory.RatingSeen seen) {
    UnitHistory.Rating rating = seen.rating();
    return Rating.newBuilder()
        .setRollout(rollout)
        .setRun(run)
        .setStage(rating.stage())
        .setUnit(unit)
        .setVariant(rating.variant())
        .setEventTime(Instant.ofEpochMilli(rating.eventTime()))
        .setSource(rating.source())
        .setLabelClass(seen.label().name())
        .setLabelSlots(seen.label().slots())
        .setBad(rating.bad())
        .build();
  }

  static Split split(List<Slice> slices) {
    List<Split.Slice> ranges = new ArrayList<>();
    for (Slice slice : slices) {
      ranges.add(new Split.Slice(slice.getVariant(), slice.getFrom(), slice.getTo()));
    }
    return new Split(ranges);
  }
}
