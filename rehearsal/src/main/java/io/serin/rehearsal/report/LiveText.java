package io.serin.rehearsal.report;

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
      Instant start, Instant now, String run, Clients clients, Sightings.Snapshot seen) {
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
    Seen.Commanded command = newest(seen, run);
    if (command != null) {
      lines.add(
          "split       "
              + split(command)
              + "   revision "
              + command.revision()
              + ", "
              + command.state().toLowerCase(Locale.ROOT)
              + ", stage "
              + command.stageName());
    }
    lines.addAll(rates(now, run, seen.attempts()));
    lines.addAll(guards(run, seen.verdicts()));
    for (Seen.Acknowledged ack : routers(seen)) {
      lines.add(
          "router      %s: revision %s, backlog %d%s"
              .formatted(
                  ack.router(),
                  ack.revision() == null ? "none" : ack.revision().toString(),
                  ack.backlog(),
                  ack.trips().isEmpty() ? "" : ", tripped " + String.join(", ", ack.trips())));
    }
    seen.events().stream()
        .filter(event -> event.run().equals(run))
        .skip(Math.max(0, seen.events().size() - 5))
        .forEach(event -> lines.add(moment(start, event)));
    return lines;
  }

  /** An event as a line of the timeline. */
  public static String moment(Instant start, Seen.Happened event) {
    return String.format(
        Locale.ROOT,
        "event       t+%.1f s  %s: %s",
        Duration.between(start, event.at()).toMillis() / 1e3,
        event.kind().toLowerCase(Locale.ROOT).replace('_', ' '),
        event.text());
  }

  private static Seen.@Nullable Commanded newest(Sightings.Snapshot seen, String run) {
    Seen.Commanded newest = null;
    for (Seen.Commanded command : seen.commands()) {
      if (command.run().equals(run)) {
        newest = command;
      }
    }
    return newest;
  }

  private static String split(Seen.Commanded command) {
    List<String> parts = new ArrayList<>();
    new TreeMap<>(command.shares())
        .descendingMap()
        .forEach((variant, share) -> parts.add(variant + " " + percent(share)));
    return String.join(" | ", parts);
  }

  private static String percent(int basisPoints) {
    return basisPoints % 100 == 0
        ? basisPoints / 100 + " %"
        : String.format(Locale.ROOT, "%.2f %%", basisPoints / 100.0);
  }

  private static List<String> rates(Instant now, String run, List<Seen.Attempt> attempts) {
    Map<String, List<Seen.Attempt>> recent = new TreeMap<>();
    for (int i = attempts.size() - 1; i >= 0; i--) {
      Seen.Attempt attempt = attempts.get(i);
      if (attempt.appendedAt().isBefore(now.minus(RECENT.multipliedBy(2)))) {
        break;
      }
      if (attempt.run().equals(run) && attempt.endedAt().isAfter(now.minus(RECENT))) {
        recent.computeIfAbsent(attempt.served(), _ -> new ArrayList<>()).add(attempt);
      }
    }
    List<String> lines = new ArrayList<>();
    recent.forEach(
        (variant, some) -> {
          long failed = some.stream().filter(attempt -> !attempt.outcome().equals("OK")).count();
          long[] ttft =
              some.stream()
                  .map(Seen.Attempt::ttftMicros)
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

  private static List<String> guards(String run, List<Seen.Judged> verdicts) {
    Map<String, Seen.Judged> newest = new TreeMap<>();
    verdicts.stream()
        .filter(verdict -> verdict.run().equals(run))
        .forEach(verdict -> newest.put(verdict.candidate() + " " + verdict.metric(), verdict));
    return newest.values().stream()
        .map(
            verdict ->
                String.format(
                    Locale.ROOT,
                    "guard       %-12s %-10s log e %.2f of %.2f, units %d / %d",
                    verdict.metric(),
                    verdict.decision(),
                    verdict.logE(),
                    verdict.threshold(),
                    verdict.candidateUnits(),
                    verdict.controlUnits()))
        .toList();
  }

  private static List<Seen.Acknowledged> routers(Sightings.Snapshot seen) {
    Map<String, Seen.Acknowledged> newest = new TreeMap<>();
    seen.acks().forEach(ack -> newest.put(ack.router(), ack));
    return List.copyOf(newest.values());
  }
}
