package io.serin.rehearsal.report;

import io.serin.schemas.Command;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RolloutState;
import io.serin.schemas.Verdict;
import io.serin.schemas.Why;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What came of a rehearsal.
 *
 * @param decided ROLLBACK, PROMOTE or HOLD
 * @param met whether the expectation came true
 * @param metBecause in words
 * @param firstBad when the candidate first answered badly, as its model server told; null where it
 *     did not
 * @param candidateServed attempts that called a candidate, in all
 * @param candidateServedSinceFirstBad of those, the ones that ended at the first bad answer or
 *     later
 * @param hidden attempts of control that replaced a failed one before its first byte
 * @param errors what clients saw other than whole answers, by kind
 * @param excused of those, the ones that no router can hide: cut and empty answers that a model
 *     server was told to give, and what a killed router had under way
 * @param stages what happened in each stage
 * @param timeline what happened, in order
 */
public record RehearsalReport(
    Facts facts,
    Expectation decided,
    boolean met,
    String metBecause,
    @Nullable Instant firstBad,
    @Nullable Rollback rollback,
    long candidateServed,
    long candidateServedSinceFirstBad,
    long hidden,
    Map<String, Long> errors,
    Map<String, Long> excused,
    Reconciliation counts,
    List<Recovery> recoveries,
    StageTimeline stages,
    List<Moment> timeline) {

  /** Something that happened. */
  public record Moment(Instant at, String what) {}

  /** Everything came true. */
  public static final int EXIT_OK = 0;

  /** The expectation did not come true. */
  public static final int EXIT_UNEXPECTED = 1;

  /** A client saw an error that Serin should have kept from it. */
  public static final int EXIT_CLIENT_ERROR = 3;

  /** Not every request was counted exactly once. */
  public static final int EXIT_MISCOUNTED = 4;

  private static final Set<String> BY_A_DEAD_ROUTER = Set.of("NEVER_CONNECTED", "LOST", "CUT");

  /** How far what is told from two threads may be apart. */
  private static final Duration CLOCKS = Duration.ofMillis(200);

  /** Makes it. */
  public static RehearsalReport of(Facts facts) {
    TopicRecords.Snapshot seen = facts.seen();
    Rollback rollback = Rollback.find(seen, facts.run(), facts.candidates()).orElse(null);
    Instant firstBad =
        facts.models().stream()
            .filter(model -> facts.candidates().contains(model.variant()))
            .map(Model::firstBad)
            .filter(at -> at != null)
            .min(Comparator.naturalOrder())
            .orElse(null);
    Expectation decided = decided(facts, rollback);
    StageTimeline stages = StageTimeline.of(seen, facts.run());
    String because = Met.because(facts, decided, rollback, firstBad, stages);
    List<RequestEvent> onCandidate =
        seen.attempts().stream()
            .filter(attempt -> attempt.getRun().equals(facts.run()))
            .filter(attempt -> facts.candidates().contains(attempt.getServedVariant()))
            .toList();
    long sinceBad =
        firstBad == null
            ? 0
            : onCandidate.stream()
                .filter(attempt -> attempt.getEndedAt().toEpochMilli() >= firstBad.toEpochMilli())
                .count();
    long hidden =
        seen.attempts().stream()
            .filter(
                attempt -> attempt.getRun().equals(facts.run()) && attempt.getWhy() == Why.FALLBACK)
            .count();
    Map<String, Long> errors = errors(facts);
    List<Recovery> recoveries =
        facts.kills().stream().map(kill -> Recovery.of(kill, facts.rollout(), seen)).toList();
    return new RehearsalReport(
        facts,
        decided,
        because.isEmpty(),
        because.isEmpty() ? "as expected" : because,
        firstBad,
        rollback,
        onCandidate.size(),
        sinceBad,
        hidden,
        errors,
        excused(facts, errors),
        Reconciliation.of(facts.sent(), seen, facts.run()),
        recoveries,
        stages,
        timeline(facts, rollback, recoveries));
  }

  /** Errors of clients that Serin should have kept from them. */
  public long unexcused() {
    return errors.values().stream().mapToLong(Long::longValue).sum()
        - excused.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The exit code; where several things are wrong, the lowest. */
  public int exitCode() {
    if (!met) {
      return EXIT_UNEXPECTED;
    }
    if (unexcused() > 0) {
      return EXIT_CLIENT_ERROR;
    }
    return counts.exact() ? EXIT_OK : EXIT_MISCOUNTED;
  }

  /**
   * From the first bad answer until the last router served none of it; null where there is no such
   * time.
   */
  public @Nullable Duration untilGone() {
    Rollback gone = rollback;
    Instant confirmed = gone == null ? null : gone.confirmedAt();
    Instant bad = firstBad;
    return confirmed == null || bad == null ? null : Duration.between(bad, confirmed);
  }

  private static Expectation decided(Facts facts, @Nullable Rollback rollback) {
    if (rollback != null) {
      return Expectation.ROLLBACK;
    }
    return facts.seen().commands().stream()
            .anyMatch(
                command ->
                    command.getRun().equals(facts.run())
                        && command.getState() == RolloutState.PROMOTED)
        ? Expectation.PROMOTE
        : Expectation.HOLD;
  }

  private static Map<String, Long> errors(Facts facts) {
    Map<String, Long> errors = new TreeMap<>();
    facts.sent().stream()
        .filter(sent -> !sent.ok())
        .forEach(sent -> errors.merge(sent.outcome(), 1L, Long::sum));
    return errors;
  }

  private static Map<String, Long> excused(Facts facts, Map<String, Long> errors) {
    Map<String, Long> excused = new TreeMap<>();
    excuse(excused, errors, "CUT", told(facts, "cut-stream"));
    excuse(excused, errors, "EMPTY", told(facts, "empty"));
    for (Facts.Kill kill : facts.kills()) {
      if (kill.process().startsWith("router")) {
        BY_A_DEAD_ROUTER.forEach(
            kind -> excuse(excused, errors, kind, underWayAtTheDeath(facts, kill, kind)));
      }
    }
    return excused;
  }

  /** Requests that ended so while the router was down, or with its end. */
  private static long underWayAtTheDeath(Facts facts, Facts.Kill kill, String kind) {
    Duration down = kill.answersAgain();
    return facts.sent().stream()
        .filter(sent -> sent.outcome().equals(kind))
        .filter(sent -> !sent.endedAt().isBefore(kill.at().minus(CLOCKS)))
        .filter(
            sent -> down == null || !sent.startedAt().isAfter(kill.at().plus(down).plus(CLOCKS)))
        .count();
  }

  private static void excuse(
      Map<String, Long> excused, Map<String, Long> errors, String kind, long atMost) {
    long room = errors.getOrDefault(kind, 0L) - excused.getOrDefault(kind, 0L);
    long count = Math.min(room, atMost);
    if (count > 0) {
      excused.merge(kind, count, Long::sum);
    }
  }

  private static long told(Facts facts, String kind) {
    return facts.models().stream().mapToLong(model -> model.byKind().getOrDefault(kind, 0L)).sum();
  }

  private static List<Moment> timeline(
      Facts facts, @Nullable Rollback rollback, List<Recovery> recoveries) {
    List<Moment> moments = new ArrayList<>();
    moments.add(new Moment(facts.trafficStart(), "the traffic began"));
    for (Model model : facts.models()) {
      Instant bad = model.firstBad();
      if (bad != null) {
        moments.add(
            new Moment(
                bad,
                "first bad answer of %s (%s)"
                    .formatted(
                        model.variant(),
                        String.join(", ", model.byKind().keySet().stream().sorted().toList()))));
      }
    }
    for (RolloutEvent event : facts.seen().events()) {
      if (event.getRun().equals(facts.run())) {
        moments.add(
            new Moment(
                event.getAt(),
                event.getKind().name().toLowerCase(Locale.ROOT).replace('_', ' ')
                    + ": "
                    + event.getText()));
      }
    }
    if (rollback != null) {
      Verdict verdict = rollback.verdict();
      if (verdict != null) {
        moments.add(
            new Moment(verdict.getAt(), "verdict: " + verdict.getMetric() + " says ROLLBACK"));
      }
      Command command = rollback.command();
      moments.add(
          new Moment(
              command.getIssuedAt(),
              "command: revision " + command.getRevision() + " gives the candidate 0 %"));
      rollback
          .inOrder()
          .forEach(
              (router, at) -> {
                if (at != null) {
                  moments.add(new Moment(at, router + " serves revision " + command.getRevision()));
                }
              });
    }
    for (Recovery recovery : recoveries) {
      moments.add(new Moment(recovery.killedAt(), recovery.process() + " was killed"));
      Duration works = recovery.works();
      if (works != null) {
        moments.add(
            new Moment(
                recovery.killedAt().plus(works),
                recovery.process() + " is back: " + recovery.sign()));
      }
    }
    moments.add(new Moment(facts.trafficEnd(), "the last answer ended"));
    moments.sort(Comparator.comparing(Moment::at));
    return List.copyOf(moments);
  }
}
