package io.serin.rehearsal.report;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What came of killing a process.
 *
 * @param process as the stack calls it
 * @param answersAgain from the kill until the process answered; null while it does not
 * @param works from the kill until its work went on, as {@code sign} says; null while it does not
 * @param sign what showed that it works
 * @param longestGap between two inputs of the controller from the kill on: how long nothing was
 *     decided on
 */
public record Recovery(
    String process,
    Instant killedAt,
    @Nullable Duration answersAgain,
    @Nullable Duration works,
    String sign,
    Duration longestGap) {

  /**
   * What a process appended may become visible shortly after its death; its successor needs longer
   * than this to start.
   */
  private static final Duration LAST_BREATH = Duration.ofMillis(500);

  /**
   * Finds the first sign of life after a kill.
   *
   * @param process name of the stack's process
   * @param answersAgain as the stack's supervisor measured it
   */
  public static Recovery of(
      String process, Instant killedAt, @Nullable Duration answersAgain, Sightings.Snapshot seen) {
    Instant from = killedAt.plus(LAST_BREATH);
    if (process.startsWith("router")) {
      Set<String> before =
          seen.acks().stream()
              .filter(ack -> !ack.appendedAt().isAfter(killedAt))
              .map(Seen.Acknowledged::incarnation)
              .collect(Collectors.toSet());
      Optional<Instant> ack =
          seen.acks().stream()
              .filter(fresh -> fresh.appendedAt().isAfter(killedAt) && fresh.revision() != null)
              .filter(fresh -> !before.contains(fresh.incarnation()))
              .map(Seen.Acknowledged::appendedAt)
              .findFirst();
      return new Recovery(
          process,
          killedAt,
          answersAgain,
          since(killedAt, ack),
          "the new router acknowledged the rollout's revision",
          longestGap(seen, killedAt));
    }
    if (process.startsWith("registry") || process.startsWith("worker")) {
      return new Recovery(
          process,
          killedAt,
          answersAgain,
          answersAgain,
          "it answers again",
          longestGap(seen, killedAt));
    }
    Optional<Instant> input =
        seen.inputs().stream()
            .map(Seen.Decided::appendedAt)
            .filter(at -> at.isAfter(from))
            .findFirst();
    return new Recovery(
        process,
        killedAt,
        answersAgain,
        since(killedAt, input),
        "the controller acted on an input",
        longestGap(seen, killedAt));
  }

  private static @Nullable Duration since(Instant killedAt, Optional<Instant> at) {
    return at.map(instant -> Duration.between(killedAt, instant)).orElse(null);
  }

  private static Duration longestGap(Sightings.Snapshot seen, Instant from) {
    List<Instant> inputs =
        seen.inputs().stream()
            .map(Seen.Decided::appendedAt)
            .filter(at -> at.isAfter(from))
            .sorted()
            .toList();
    Duration longest = Duration.ZERO;
    Instant last = from;
    for (Instant at : inputs) {
      Duration gap = Duration.between(last, at);
      longest = gap.compareTo(longest) > 0 ? gap : longest;
      last = at;
    }
    return longest;
  }
}
