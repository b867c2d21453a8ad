package io.serin.rehearsal.report;

import io.serin.schemas.Command;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RouterAck;
import io.serin.schemas.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is shown while a rehearsal runs: split, rates, guards, timeline. */
public final class LiveText {

  private static final Duration RECENT = Duration.ofSeconds(5);

  /**
   * The clients' numbers.
   *
   * @param errors requests that ended otherwise than with a whole answer
   */
  public record Clients(long begun, long completed, long errors, int inFlight) {}

  private LiveText() {}

  /** One line for each thing worth showing. */
  public static List<String> of(
      Instant start, Instant now, String run, Clients clients, TopicRecords.Snapshot seen) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "t+%5.1f s   clients: %,d begun, %,d ended, %d errors, %d under way",
            Duration.between(start, now).toMillis() / 1e3,
            clients.begun(),
            clients.completed(),
            clients.errors(),
            clients.inFlight()));
    Command command = newest(seen, run);
    if (command != null) {
      lines.add(
          "split       "
              + split(command)
              + "   revision "
              + command.getRevision()
              + ", "
              + command.getState().name().toLowerCase(Locale.ROOT)
              + ", stage "
              + command.getStageName());
    }
    String rollout = command == null ? "" : command.getRollout();
    lines.addAll(rates(now, run, seen.attempts()));
    lines.addAll(guards(run, seen.verdicts()));
    for (RouterAck ack : routers(seen)) {
      lines.add(
          "router      %s: revision %d, backlog %d%s"
              .formatted(
                  ack.getRouter(),
                  ack.getRevisions().getOrDefault(rollout, 0L),
                  ack.getBacklog(),
                  ack.getTrips().isEmpty()
                      ? ""
                      : ", tripped " + String.join(", ", ack.getTrips())));
    }
    seen.events().stream()
        .filter(event -> event.getRun().equals(run))
        .skip(Math.max(0, seen.events().size() - 5))
        .forEach(event -> lines.add(moment(start, event)));
    return lines;
  }

  /** An event as a line of the timeline. */
  public static String moment(Instant start, RolloutEvent event) {
    return String.format(
        Locale.ROOT,
        "event       t+%.1f s  %s: %s",
        Duration.between(start, event.getAt()).toMillis() / 1e3,
        event.getKind().name().toLowerCase(Locale.ROOT).replace('_', ' '),
        event.getText());
  }

  private static @Nullable Command newest(TopicRecords.Snapshot seen, String run) {
    Command newest = null;
    for (Command command : seen.commands()) {
      if (command.getRun().equals(run)) {
        newest = command;
      }
    }
    return newest;
  }

  private static String split(Command command) {
    List<String> parts = new ArrayList<>();
    StageStay.shares(command)
        .descendingMap()
        .forEach((variant, share) -> parts.add(variant + " " + StagesText.percent(share)));
    return String.join(" | ", parts);
  }

  private static List<String> rates(Instant now, String run, List<RequestEvent> attempts) {
    Map<String, List<RequestEvent>> recent = new TreeMap<>();
    for (RequestEvent attempt : attempts) {
      if (attempt.getRun().equals(run) && attempt.getEndedAt().isAfter(now.minus(RECENT))) {
        recent.computeIfAbsent(attempt.getServedVariant(), _ -> new ArrayList<>()).add(attempt);
      }
    }
    List<String> lines = new ArrayList<>();
    recent.forEach(
        (variant, some) -> {
          long failed =
              some.stream()
                  .filter(attempt -> attempt.getMeasurement().getOutcome() != Outcome.OK)
                  .count();
          long[] ttft =
              some.stream()
                  .map(attempt -> attempt.getMeasurement().getTtftMicros())
                  .filter(value -> value != null)
                  .mapToLong(Long::longValue)
                  .toArray();
          Arrays.sort(ttft);
          lines.add(
              String.format(
                  Locale.ROOT,
                  "%-10s  %5.1f/s, %.1f %% failed, median first byte %s ms",
                  variant,
                  some.size() / (RECENT.toMillis() / 1e3),
                  100.0 * failed / some.size(),
                  ttft.length == 0 ? "-" : String.valueOf(ttft[ttft.length / 2] / 1_000)));
        });
    return lines;
  }

  private static List<String> guards(String run, List<Verdict> verdicts) {
    Map<String, Verdict> newest = new TreeMap<>();
    verdicts.stream()
        .filter(verdict -> verdict.getRun().equals(run))
        .forEach(
            verdict -> newest.put(verdict.getCandidate() + " " + verdict.getMetric(), verdict));
    return newest.values().stream()
        .map(
            verdict ->
                String.format(
                    Locale.ROOT,
                    "guard       %-12s %-10s log e %.2f of %.2f, units %d / %d",
                    verdict.getMetric(),
                    verdict.getDecision(),
                    verdict.getLogE(),
                    verdict.getThreshold(),
                    verdict.getCandidateUnits(),
                    verdict.getControlUnits()))
        .toList();
  }

  private static List<RouterAck> routers(TopicRecords.Snapshot seen) {
    Map<String, RouterAck> newest = new TreeMap<>();
    seen.acks().forEach(ack -> newest.put(ack.getRouter(), ack));
    return List.copyOf(newest.values());
  }
}
