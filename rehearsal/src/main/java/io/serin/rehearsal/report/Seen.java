package io.serin.rehearsal.report;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One record of one of Serin's topics, reduced to what a report needs. Times named {@code
 * appendedAt} are the broker's, the others those of who wrote the record.
 */
public sealed interface Seen {

  /** When the broker took it. */
  Instant appendedAt();

  /**
   * From serin.requests.
   *
   * @param eventId the same for every copy of the record
   * @param clientOutcome null unless it is the request's last attempt
   * @param stage index of the stage it was assigned in
   * @param ttftMicros null where no byte came
   */
  record Attempt(
      Instant appendedAt,
      String eventId,
      @Nullable String clientRequestId,
      boolean last,
      Instant endedAt,
      String router,
      String run,
      int stage,
      String assigned,
      String served,
      String why,
      String outcome,
      @Nullable String clientOutcome,
      @Nullable Long ttftMicros)
      implements Seen {}

  /** From serin.metrics. */
  record Window(
      Instant appendedAt,
      String run,
      int stage,
      String variant,
      long windowMillis,
      Instant windowStart,
      long update,
      long requests)
      implements Seen {}

  /** From serin.verdicts. */
  record Judged(
      Instant appendedAt,
      String id,
      String run,
      long revision,
      int stage,
      String candidate,
      String metric,
      String decision,
      Instant at,
      double logE,
      double threshold,
      long candidateUnits,
      long controlUnits,
      long candidateEvents,
      long controlEvents,
      @Nullable Double difference,
      String text)
      implements Seen {}

  /**
   * From serin.commands.
   *
   * @param shares by variant, in basis points; a variant without a slot is absent
   */
  record Commanded(
      Instant appendedAt,
      String run,
      long revision,
      String state,
      int stage,
      String stageName,
      String cause,
      @Nullable String causeId,
      Instant issuedAt,
      Map<String, Integer> shares)
      implements Seen {}

  /**
   * From serin.acks.
   *
   * @param revision of the rehearsed rollout; null where the router has none yet
   */
  record Acknowledged(
      Instant appendedAt,
      String router,
      String incarnation,
      Instant at,
      @Nullable Long revision,
      List<String> trips,
      long backlog,
      long dropped)
      implements Seen {}

  /**
   * From serin.events.
   *
   * @param details names and numbers as docs/topics.md has them
   */
  record Happened(
      Instant appendedAt,
      String run,
      long revision,
      int stage,
      String stageName,
      String kind,
      Instant at,
      String text,
      Map<String, String> details)
      implements Seen {}

  /**
   * From serin.inputs.
   *
   * @param kind of the input: Observation, Tick …
   */
  record Decided(Instant appendedAt, long number, String kind) implements Seen {}
}
