package io.serin.rehearsal.report;

import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutEvent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether what was expected of a rehearsal came true. */
final class Met {

  /** What watches a kind of fault that does not make an answer fail. */
  private static final Map<String, String> METRICS =
      Map.of("tokens", "tokens", "refusals", "refusal.rate", "feedback", "feedback");

  private Met() {}

  /** Why it did not; empty where it did. */
  static String because(
      Facts facts,
      Expectation decided,
      @Nullable Rollback rollback,
      @Nullable Instant firstBad,
      StageTimeline stages) {
    if (!stages.problems().isEmpty()) {
      return String.join("; ", stages.problems());
    }
    return switch (facts.expectation()) {
      case ANY -> "";
      case HOLD -> decided == Expectation.HOLD ? "" : "no decision was expected";
      case PROMOTE -> promotion(facts, decided, stages);
      case ROLLBACK -> rollback(facts, rollback, firstBad, stages);
      case FLAG -> told(facts, EventKind.FLAGGED, "a flag", rollback, firstBad);
      case INVESTIGATE ->
          told(facts, EventKind.INVESTIGATE, "a call to investigate", rollback, firstBad);
    };
  }

  private static String promotion(Facts facts, Expectation decided, StageTimeline stages) {
    if (decided != Expectation.PROMOTE) {
      return "a promotion was expected";
    }
    return facts.stages().equals(stages.names())
        ? ""
        : "it went through the stages %s, not %s".formatted(stages.names(), facts.stages());
  }

  private static String rollback(
      Facts facts, @Nullable Rollback rollback, @Nullable Instant firstBad, StageTimeline stages) {
    if (rollback == null) {
      return "a rollback was expected";
    }
    if (facts.faultyCandidate() && firstBad == null) {
      return "it came though the candidate never answered badly";
    }
    if (firstBad != null
        && rollback.command().getIssuedAt().toEpochMilli() < firstBad.toEpochMilli()) {
      return "it came before the candidate's first bad answer";
    }
    if (!rollback.unconfirmed().isEmpty()) {
      return "not confirmed by " + String.join(", ", rollback.unconfirmed());
    }
    String wanted = facts.faultStage();
    String came =
        stages.endedBy(StageStay.Ending.ROLLED_BACK).map(StageStay::name).orElse("no stage");
    return wanted == null || wanted.equals(came)
        ? ""
        : "it came in stage %s, not in stage %s where the fault began".formatted(came, wanted);
  }

  private static String told(
      Facts facts,
      EventKind kind,
      String what,
      @Nullable Rollback rollback,
      @Nullable Instant firstBad) {
    if (rollback != null) {
      return what + " was expected, not a rollback";
    }
    Set<String> metrics =
        Set.copyOf(
            facts.models().stream()
                .flatMap(model -> model.byKind().keySet().stream())
                .map(shown -> METRICS.getOrDefault(shown, shown))
                .toList());
    List<RolloutEvent> events =
        facts.seen().events().stream()
            .filter(event -> event.getRun().equals(facts.run()) && event.getKind() == kind)
            .filter(event -> metrics.contains(event.getDetails().getOrDefault("metric", "")))
            .toList();
    if (events.isEmpty()) {
      return what + " was expected";
    }
    if (firstBad != null && events.getFirst().getAt().toEpochMilli() < firstBad.toEpochMilli()) {
      return "it came before the candidate's first bad answer";
    }
    String wanted = facts.faultStage();
    String came = events.getFirst().getStageName();
    return wanted == null || wanted.equals(came)
        ? ""
        : "it came in stage %s, not in stage %s where the fault began".formatted(came, wanted);
  }
}
