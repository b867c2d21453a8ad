package io.serin.rehearsal.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The stages of a run in the order they were entered.
 *
 * @param problems where steps were not one after the other: skipped, repeated, or told otherwise
 *     than ordered; empty where all is well
 */
public record StageTimeline(List<StageStay> stays, List<String> problems) {

  private static final Set<String> ACTIVE = Set.of("RUNNING", "PAUSED", "FROZEN");
  private static final Set<String> ENTERING = Set.of("STAGE_ENTERED", "APPLIED");

  /** Reads it from what was seen. */
  public static StageTimeline of(Sightings.Snapshot seen, String run) {
    List<StageStay> stays = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    Seen.Commanded entering = null;
    long revision = 0;
    for (Seen.Commanded command : seen.commands()) {
      if (!command.run().equals(run)) {
        continue;
      }
      if (command.revision() < revision) {
        problems.add(
            "revision %d was ordered after revision %d".formatted(command.revision(), revision));
      }
      revision = Math.max(revision, command.revision());
      boolean active = ACTIVE.contains(command.state());
      if (entering != null && !(active && entering.stage() == command.stage())) {
        stays.add(stay(seen, entering, command));
        step(problems, entering, active ? command : null);
      }
      if (!active) {
        entering = null;
      } else if (entering == null || entering.stage() != command.stage()) {
        if (entering == null && !stays.isEmpty()) {
          problems.add("stage " + command.stageName() + " began after the rollout had ended");
        }
        entering = command;
      }
    }
    if (entering != null) {
      stays.add(stay(seen, entering, null));
    }
    compareWithEvents(seen, run, stays, problems);
    return new StageTimeline(List.copyOf(stays), List.copyOf(problems));
  }

  /** The stay that ended so, if there is one. */
  public Optional<StageStay> endedBy(StageStay.Ending ending) {
    return stays.stream().filter(stay -> stay.ending() == ending).findFirst();
  }

  /** Their names. */
  public List<String> names() {
    return stays.stream().map(StageStay::name).toList();
  }

  private static void step(
      List<String> problems, Seen.Commanded from, Seen.@Nullable Commanded to) {
    if (to != null && to.stage() != from.stage() + 1) {
      problems.add(
          "stage %s (number %d) was followed by %s (number %d)"
              .formatted(from.stageName(), from.stage() + 1, to.stageName(), to.stage() + 1));
    }
  }

  private static void compareWithEvents(
      Sightings.Snapshot seen, String run, List<StageStay> stays, List<String> problems) {
    List<String> told =
        seen.events().stream()
            .filter(event -> event.run().equals(run) && event.kind().equals("STAGE_ENTERED"))
            .map(Seen.Happened::stageName)
            .toList();
    List<String> ordered = stays.stream().map(StageStay::name).toList();
    if (!told.equals(ordered)) {
      problems.add("serin.events has the stages %s, serin.commands of %s".formatted(told, ordered));
    }
  }

  private static StageStay stay(
      Sightings.Snapshot seen, Seen.Commanded from, Seen.@Nullable Commanded to) {
    Instant left = to == null ? null : to.issuedAt();
    Map<String, Long> served = new TreeMap<>();
    seen.attempts().stream()
        .filter(attempt -> attempt.run().equals(from.run()) && attempt.stage() == from.stage())
        .filter(attempt -> !attempt.served().isEmpty())
        .forEach(attempt -> served.merge(attempt.served(), 1L, Long::sum));
    Map<String, Seen.Judged> newest = new TreeMap<>();
    seen.verdicts().stream()
        .filter(verdict -> verdict.run().equals(from.run()) && verdict.stage() == from.stage())
        .forEach(verdict -> newest.put(verdict.metric() + " " + verdict.candidate(), verdict));
    List<Seen.Happened> events =
        seen.events().stream()
            .filter(event -> event.run().equals(from.run()) && event.stage() == from.stage())
            .filter(event -> !ENTERING.contains(event.kind()))
            .sorted(Comparator.comparing(Seen.Happened::at))
            .toList();
    return new StageStay(
        from.stage(),
        from.stageName(),
        from.issuedAt(),
        left,
        from.shares(),
        from.cause(),
        served,
        List.copyOf(newest.values()),
        events,
        ending(to),
        to == null ? "" : to.cause());
  }

  private static StageStay.Ending ending(Seen.@Nullable Commanded to) {
    if (to == null) {
      return StageStay.Ending.NONE;
    }
    return switch (to.state()) {
      case "ROLLED_BACK" -> StageStay.Ending.ROLLED_BACK;
      case "PROMOTED" -> StageStay.Ending.PROMOTED;
      case "RUNNING", "PAUSED", "FROZEN" -> StageStay.Ending.NEXT;
      default -> StageStay.Ending.ABORTED;
    };
  }
}
