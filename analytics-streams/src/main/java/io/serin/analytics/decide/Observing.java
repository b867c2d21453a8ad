package io.serin.analytics.decide;

import io.serin.analytics.policy.Sight;
import io.serin.analytics.policy.UnitHistory;
import io.serin.analytics.rollout.SlotRange;
import io.serin.analytics.rollout.Split;
import io.serin.schemas.Measurement;
import io.serin.schemas.Observation;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Slice;
import io.serin.schemas.Why;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which attempts are evidence, and what they say.
 *
 * <p>Evidence is the first attempt of a request whose variant was assigned by the split: one row a
 * request, by assigned arm. Where it failed before its first byte another variant answered; the row
 * then carries the failure, which is slower than every threshold, and the fallback attempts are
 * nobody's. Where it was the last attempt its latency is the client's own. A client that left is
 * never a failure. What the router refused or lost by its own death is nobody's fault and no row.
 */
final class Observing {
  private Observing() {}

  /** How the request ended for its arm; null where it is no evidence. */
  static Sight.@Nullable End evidence(RequestEvent event) {
    if (event.getWhy() != Why.ASSIGNED || event.getAttempt() != 1) {
      return null;
    }
    return end(event.getMeasurement().getOutcome());
  }

  static Sight.@Nullable End end(Outcome outcome) {
    return switch (outcome) {
      case OK -> Sight.End.OK;
      case HTTP_ERROR, CONNECT_ERROR, TIMEOUT, CUT, EMPTY, MALFORMED -> Sight.End.FAILED;
      case CANCELLED -> Sight.End.CANCELLED;
      case UNKNOWN, REJECTED, ROUTER_DIED -> null;
    };
  }

  /** What the judge is to see of the request, if anything. */
  static Optional<Observation> observe(
      UnitHistory history, RequestEvent event, Sight.End end, long appendedAt) {
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
    boolean refusal = end == Sight.End.OK && Boolean.TRUE.equals(measurement.getRefusal());
    UnitHistory.News news =
        history.see(
            event.getRevision(),
            split(event.getSplit()),
            event.getAssignedVariant(),
            event.getStage(),
            end,
            refusal,
            event.getStreamed(),
            Sight.latency(
                end,
                event.getStreamed(),
                measurement.getTtftMicros(),
                measurement.getDurationMicros()));
    if (!news.tells()) {
      return Optional.empty();
    }
    return Optional.of(
        Observation.newBuilder()
            .setRollout(event.getRollout())
            .setRun(event.getRun())
            .setRevision(event.getRevision())
            .setStage(event.getStage())
            .setUnit(event.getUnit())
            .setVariant(event.getAssignedVariant())
            .setEventTime(
                Instant.ofEpochMilli(Math.min(event.getEndedAt().toEpochMilli(), appendedAt)))
            .setSource(event.getId())
            .setLabelClass(news.labelClass())
            .setLabelSlots(news.labelSlots())
            .setFirst(news.first())
            .setFirstError(news.firstError())
            .setFirstRefusal(news.firstRefusal())
            .setSlowest(news.slowest())
            .setPreviousSlowestMicros(news.previousSlowestMicros())
            .setStreamed(event.getStreamed())
            .setMeasurement(measurement)
            .build());
  }

  static Split split(List<Slice> slices) {
    List<SlotRange> ranges = new ArrayList<>();
    for (Slice slice : slices) {
      ranges.add(new SlotRange(slice.getVariant(), slice.getFrom(), slice.getTo()));
    }
    return new Split(ranges);
  }
}
