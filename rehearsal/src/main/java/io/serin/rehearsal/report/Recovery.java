package io.serin.rehearsal.report;

import io.serin.schemas.RouterAck;
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
   * @param rollout whose revision a new router has to acknowledge
   */
  public static Recovery of(Facts.Kill kill, String rollout, TopicRecords.Snapshot seen) {
    Instant killedAt = kill.at();
    Duration answersAgain = kill.answersAgain();
    Duration works;
    String sign;
    if (kill.process().startsWith("router")) {
      works = since(killedAt, newRouter(killedAt, rollout, seen));
      sign = "the new router acknowledged the rollout's revision";
    } else if (kill.process().startsWith("registry") || kill.process().startsWith("worker")) {
      works = answersAgain;
      sign = "it answers again";
    } else {
      works =
          since(
              killedAt,
              seen.inputs().stream()
                  .filter(at -> at.isAfter(killedAt.plus(LAST_BREATH)))
                  .findFirst());
      sign = "the controller acted on an input";
    }
    return new Recovery(
        kill.process(), killedAt, answersAgain, works, sign, longestGap(seen, killedAt));
  }

  private static Optional<Instant> newRouter(
      Instant killedAt, String rollout, TopicRecords.Snapshot seen) {
    Set<String> before =
        seen.acks().stream()
            .filter(ack -> !ack.getAt().isAfter(killedAt))
            .map(RouterAck::getIncarnation)
            .collect(Collectors.toSet());
    return seen.acks().stream()
        .filter(ack -> ack.getAt().isAfter(killedAt) && ack.getRevisions().containsKey(rollout))
        .filter(ack -> !before.contains(ack.getIncarnation()))
        .map(RouterAck::getAt)
        .findFirst();
  }

  private static @Nullable Duration since(Instant killedAt, Optional<Instant> at) {
    return at.map(instant -> Duration.between(killedAt, instant)).orElse(null);
  }

  private static Duration longestGap(TopicRecords.Snapshot seen, Instant from) {
    List<Instant> inputs = seen.inputs().stream().filter(at -> at.isAfter(from)).sorted().toList();
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
