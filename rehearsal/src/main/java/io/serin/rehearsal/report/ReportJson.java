package io.serin.rehearsal.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.Verdict;
import io.serin.schemas.json.JsonText;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes a report for a program. Times are ISO 8601, durations milliseconds; what is not known is
 * null. Fields of records are named as on their topics.
 */
public final class ReportJson {

  private static final int MOST_IDS = 100;

  private ReportJson() {}

  private record Ids(int count, List<String> ids) {}

  private record TimelineMoment(Instant at, Duration sinceStartMillis, String what) {}

  private record Kill(
      String process,
      Instant at,
      @Nullable Duration answersAgainMillis,
      @Nullable Duration worksMillis,
      String sign,
      Duration longestGapOfInputsMillis) {}

  /** The report as one JSON object, indented. */
  public static String of(RehearsalReport report) {
    Facts facts = report.facts();
    ObjectNode root = JsonText.object();
    root.put("rollout", facts.rollout());
    root.put("run", facts.run());
    root.putPOJO("trafficStart", facts.trafficStart());
    root.putPOJO("trafficEnd", facts.trafficEnd());
    root.putPOJO("faults", facts.faults());
    root.putPOJO("expected", facts.expectation());
    root.putPOJO("decided", report.decided());
    root.put("met", report.met());
    root.put(
        "rolledBackInStage",
        report.stages().endedBy(StageStay.Ending.ROLLED_BACK).map(StageStay::name).orElse(null));
    root.put("because", report.metBecause());
    root.put("exitCode", report.exitCode());
    root.putPOJO("firstBad", report.firstBad());
    root.put("candidateServed", report.candidateServed());
    root.put("candidateServedSinceFirstBad", report.candidateServedSinceFirstBad());
    root.putPOJO("fromFirstBadToLastRouterMillis", report.untilGone());
    root.putPOJO("rollback", rollback(report.rollback()));
    root.putPOJO(
        "newestVerdicts",
        ReportText.newestVerdicts(report).stream().map(ReportJson::verdict).toList());
    clients(root.putObject("clients"), report);
    counts(root.putObject("counts"), report.counts());
    root.put("settled", facts.settled());
    root.putPOJO("models", facts.models());
    root.putPOJO("kills", report.recoveries().stream().map(ReportJson::kill).toList());
    root.putPOJO(
        "stages",
        report.stages().stays().stream().map(stay -> stage(stay, facts.trafficStart())).toList());
    root.putPOJO("stageProblems", report.stages().problems());
    root.putPOJO(
        "timeline",
        report.timeline().stream()
            .map(
                moment ->
                    new TimelineMoment(
                        moment.at(),
                        Duration.between(facts.trafficStart(), moment.at()),
                        moment.what()))
            .toList());
    return JsonText.indented(root);
  }

  private static @Nullable ObjectNode rollback(@Nullable Rollback rollback) {
    if (rollback == null) {
      return null;
    }
    Verdict verdict = rollback.verdict();
    return JsonText.object()
        .put("revision", rollback.command().getRevision())
        .put("cause", rollback.command().getCause())
        .putPOJO("issuedAt", rollback.command().getIssuedAt())
        .putPOJO("confirmedAt", rollback.confirmedAt())
        .putPOJO("routers", rollback.inOrder())
        .putPOJO("verdict", verdict == null ? null : verdict(verdict));
  }

  private static Kill kill(Recovery recovery) {
    return new Kill(
        recovery.process(),
        recovery.killedAt(),
        recovery.answersAgain(),
        recovery.works(),
        recovery.sign(),
        recovery.longestGap());
  }

  private static ObjectNode stage(StageStay stay, Instant start) {
    Instant left = stay.left();
    return JsonText.object()
        .put("stage", stay.index())
        .put("name", stay.name())
        .putPOJO("entered", stay.entered())
        .putPOJO("enteredMillis", Duration.between(start, stay.entered()))
        .putPOJO("left", left)
        .putPOJO("leftMillis", left == null ? null : Duration.between(start, left))
        .put("because", stay.because())
        .putPOJO("sharesInBasisPoints", stay.shares())
        .putPOJO("attempts", new TreeMap<>(stay.served()))
        .putPOJO("ended", stay.ending())
        .put("endedBecause", stay.endedBecause())
        .putPOJO("evidence", stay.evidence().stream().map(ReportJson::verdict).toList())
        .putPOJO("events", stay.events().stream().map(ReportJson::event).toList());
  }

  private static ObjectNode event(RolloutEvent event) {
    return JsonText.fields(event, "at", "kind", "text", "details");
  }

  private static ObjectNode verdict(Verdict verdict) {
    return JsonText.fields(
        verdict,
        "id",
        "candidate",
        "metric",
        "decision",
        "at",
        "logE",
        "threshold",
        "candidateUnits",
        "controlUnits",
        "candidateEvents",
        "controlEvents",
        "difference",
        "text");
  }

  private static void clients(ObjectNode node, RehearsalReport report) {
    List<Sent> sent = report.facts().sent();
    node.put("requests", sent.size());
    node.put("whole", sent.stream().filter(Sent::ok).count());
    node.put("notSent", report.facts().notSent());
    node.putPOJO("errors", new TreeMap<>(report.errors()));
    node.putPOJO("excused", new TreeMap<>(report.excused()));
    node.put("servedByControlInstead", report.hidden());
  }

  private static void counts(ObjectNode node, Reconciliation counts) {
    node.put("exact", counts.exact());
    node.put("begun", counts.begun());
    node.put("once", counts.once());
    node.put("onRequestsTopic", counts.topicRequests());
    node.put("onMetricsTopic", counts.metricRequests());
    node.put("copiesLeftOut", counts.copies());
    node.put("cutByRouterDeath", counts.diedWithRouter());
    node.put("ofOtherClients", counts.others());
    node.putPOJO("neverReachedARouter", ids(counts.neverReached()));
    node.putPOJO("lost", ids(counts.lost()));
    node.putPOJO("doubled", ids(counts.doubled()));
    node.putPOJO("contradicted", ids(counts.contradicted()));
    node.putPOJO("outcomes", new TreeMap<>(counts.routerOutcomes()));
    node.putPOJO("problems", counts.problems());
  }

  private static Ids ids(List<String> ids) {
    return new Ids(ids.size(), ids.stream().limit(MOST_IDS).toList());
  }
}
