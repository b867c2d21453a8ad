package io.serin.rehearsal.report;

import io.serin.schemas.Command;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RolloutState;
import io.serin.schemas.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
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

  private static final Set<RolloutState> ACTIVE =
      EnumSet.of(RolloutState.RUNNING, RolloutState.PAUSED, RolloutState.FROZEN);
  private static final Set<EventKind> ENTERING =
      EnumSet.of(EventKind.STAGE_ENTERED, EventKind.APPLIED);

  /** Reads it from what was seen. */
  public static StageTimeline of(TopicRecords.Snapshot seen, String run) {
    List<StageStay> stays = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    Command entering = null;
    long revision = 0;
    for (Command command : seen.commands()) {
      if (!command.getRun().equals(run)) {
        continue;
      }
      if (command.getRevision() < revision) {
        problems.add(
            "revision %d was ordered after revision %d".formatted(command.getRevision(), revision));
      }
      revision = Math.max(revision, command.getRevision());
      boolean active = ACTIVE.contains(command.getState());
      if (entering != null && !(active && entering.getStage() == command.getStage())) {
        stays.add(stay(seen, entering, command));
        step(problems, entering, active ? command : null);
      }
      if (!active) {
        entering = null;
      } else if (entering == null || entering.getStage() != command.getStage()) {
        if (entering == null && !stays.isEmpty()) {
          problems.add("stage " + command.getStageName() + " began after the rollout had ended");
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

  private static void step(List<String> problems, Command from, @Nullable Command to) {
    if (to != null && to.getStage() != from.getStage() + 1) {
      problems.add(
          "stage %s (number %d) was followed by %s (number %d)"
              .formatted(
                  from.getStageName(), from.getStage() + 1, to.getStageName(), to.getStage() + 1));
    }
  }

  private static void compareWithEvents(
      TopicRecords.Snapshot seen, String run, List<StageStay> stays, List<String> problems) {
    List<String> told =
        seen.events().stream()
            .filter(
                event -> event.getRun().equals(run) && event.getKind() == EventKind.STAGE_ENTERED)
            .map(RolloutEvent::getStageName)
            .toList();
    List<String> ordered = stays.stream().map(StageStay::name).toList();
    if (!told.equals(ordered)) {
      problems.add("serin.events has the stages %s, serin.commands of %s".formatted(told, ordered));
    }
  }

  private static StageStay stay(TopicRecords.Snapshot seen, Command from, @Nullable Command to) {
    Instant left = to == null ? null : to.getIssuedAt();
    Map<String, Long> served = new TreeMap<>();
    seen.attempts().stream()
        .filter(
            attempt ->
                attempt.getRun().equals(from.getRun()) && attempt.getStage() == from.getStage())
        .filter(attempt -> !attempt.getServedVariant().isEmpty())
        .forEach(attempt -> served.merge(attempt.getServedVariant(), 1L, Long::sum));
    Map<String, Verdict> newest = new TreeMap<>();
    seen.verdicts().stream()
        .filter(
            verdict ->
                verdict.getRun().equals(from.getRun()) && verdict.getStage() == from.getStage())
        .forEach(
            verdict -> newest.put(verdict.getMetric() + " " + verdict.getCandidate(), verdict));
    List<RolloutEvent> events =
        seen.events().stream()
            .filter(
                event ->
                    event.getRun().equals(from.getRun()) && event.getStage() == from.getStage())
            .filter(event -> !ENTERING.contains(event.getKind()))
            .sorted(Comparator.comparing(RolloutEvent::getAt))
            .toList();
    return new StageStay(
        from.getStage(),
        from.getStageName(),
        from.getIssuedAt(),
        left,
        StageStay.shares(from),
        from.getCause(),
        served,
        List.copyOf(newest.values()),
        events,
        ending(to),
        to == null ? "" : to.getCause());
  }

  private static StageStay.Ending ending(@Nullable Command to) {
    if (to == null) {
      return StageStay.Ending.NONE;
    }
    return switch (to.getState()) {
      case ROLLED_BACK -> StageStay.Ending.ROLLED_BACK;
      case PROMOTED -> StageStay.Ending.PROMOTED;
      case RUNNING, PAUSED, FROZEN -> StageStay.Ending.NEXT;
      case ABORTED, RETIRED, FAILED, UNKNOWN -> StageStay.Ending.ABORTED;
    };
  }
}
