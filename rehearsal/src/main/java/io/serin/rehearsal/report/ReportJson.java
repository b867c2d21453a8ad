package io.serin.rehearsal.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a report for a program. Times are ISO 8601, durations milliseconds; what is not known is
 * null.
 */
public final class ReportJson {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST_IDS = 100;

  private ReportJson() {}

  /** The report as one JSON object, indented. */
  public static String of(Report report) {
    Facts facts = report.facts();
    ObjectNode root = JSON.createObjectNode();
    root.put("rollout", facts.rollout());
    root.put("run", facts.run());
    root.put("trafficStart", facts.trafficStart().toString());
    root.put("trafficEnd", facts.trafficEnd().toString());
    facts.faults().forEach(root.putArray("faults")::add);
    root.put("expected", facts.expectation().name());
    root.put("decided", report.decided().name());
    root.put("met", report.met());
    root.put(
        "rolledBackInStage",
        report.stages().endedBy(StageStay.Ending.ROLLED_BACK).map(StageStay::name).orElse(null));
    root.put("because", report.metBecause());
    root.put("exitCode", report.exitCode());
    root.put("firstBad", text(report.firstBad()));
    root.put("candidateServed", report.candidateServed());
    root.put("candidateServedSinceFirstBad", report.candidateServedSinceFirstBad());
    root.put("fromFirstBadToLastRouterMillis", millis(report.untilGone()));
    rollback(root, report);
    verdicts(root, report);
    clients(root.putObject("clients"), report);
    counts(root.putObject("counts"), report.counts());
    root.put("settled", facts.settled());
    models(root.putArray("models"), facts.models());
    recoveries(root.putArray("kills"), report.recoveries());
    stages(root.putArray("stages"), report);
    report.stages().problems().forEach(root.putArray("stageProblems")::add);
    ArrayNode timeline = root.putArray("timeline");
    for (Report.Moment moment : report.timeline()) {
      timeline
          .addObject()
          .put("at", moment.at().toString())
          .put("sinceStartMillis", Duration.between(facts.trafficStart(), moment.at()).toMillis())
          .put("what", moment.what());
    }
    return root.toPrettyString();
  }

  private static void rollback(ObjectNode root, Report report) {
    Rollback rollback = report.rollback();
    if (rollback == null) {
      root.putNull("rollback");
      return;
    }
    ObjectNode node = root.putObject("rollback");
    node.put("revision", rollback.command().revision());
    node.put("cause", rollback.command().cause());
    node.put("issuedAt", rollback.command().issuedAt().toString());
    node.put("confirmedAt", text(rollback.confirmedAt()));
    ObjectNode routers = node.putObject("routers");
    rollback.inOrder().forEach((router, at) -> routers.put(router, text(at)));
    Seen.Judged verdict = rollback.verdict();
    if (verdict == null) {
      node.putNull("verdict");
    } else {
      verdict(node.putObject("verdict"), verdict);
    }
  }

  private static void verdicts(ObjectNode root, Report report) {
    ArrayNode verdicts = root.putArray("newestVerdicts");
    ReportText.newestVerdicts(report).forEach(verdict -> verdict(verdicts.addObject(), verdict));
  }

  private static void stages(ArrayNode array, Report report) {
    Instant start = report.facts().trafficStart();
    for (StageStay stay : report.stages().stays()) {
      ObjectNode node = array.addObject();
      Instant left = stay.left();
      node.put("stage", stay.index());
      node.put("name", stay.name());
      node.put("entered", stay.entered().toString());
      node.put("enteredMillis", Duration.between(start, stay.entered()).toMillis());
      node.put("left", text(left));
      node.put("leftMillis", left == null ? null : millis(Duration.between(start, left)));
      node.put("because", stay.because());
      ObjectNode shares = node.putObject("sharesInBasisPoints");
      stay.shares().forEach(shares::put);
      map(node.putObject("attempts"), stay.served());
      node.put("ended", stay.ending().name());
      node.put("endedBecause", stay.endedBecause());
      ArrayNode evidence = node.putArray("evidence");
      stay.evidence().forEach(verdict -> verdict(evidence.addObject(), verdict));
      ArrayNode events = node.putArray("events");
      for (Seen.Happened event : stay.events()) {
        ObjectNode told = events.addObject();
        told.put("at", event.at().toString());
        told.put("kind", event.kind());
        told.put("text", event.text());
        ObjectNode details = told.putObject("details");
        event.details().forEach(details::put);
      }
    }
  }

  private static void verdict(ObjectNode node, Seen.Judged verdict) {
    node.put("id", verdict.id());
    node.put("candidate", verdict.candidate());
    node.put("metric", verdict.metric());
    node.put("decision", verdict.decision());
    node.put("at", verdict.at().toString());
    node.put("logE", verdict.logE());
    node.put("threshold", verdict.threshold());
    node.put("candidateUnits", verdict.candidateUnits());
    node.put("controlUnits", verdict.controlUnits());
    node.put("candidateEvents", verdict.candidateEvents());
    node.put("controlEvents", verdict.controlEvents());
    node.put("difference", verdict.difference());
    node.put("text", verdict.text());
  }

  private static void clients(ObjectNode node, Report report) {
    List<Sent> sent = report.facts().sent();
    node.put("requests", sent.size());
    node.put("whole", sent.stream().filter(Sent::ok).count());
    node.put("notSent", report.facts().notSent());
    map(node.putObject("errors"), report.errors());
    map(node.putObject("excused"), report.excused());
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
    ids(node, "neverReachedARouter", counts.neverReached());
    ids(node, "lost", counts.lost());
    ids(node, "doubled", counts.doubled());
    ids(node, "contradicted", counts.contradicted());
    map(node.putObject("outcomes"), counts.routerOutcomes());
    counts.problems().forEach(node.putArray("problems")::add);
  }

  private static void ids(ObjectNode node, String name, List<String> ids) {
    ObjectNode list = node.putObject(name);
    list.put("count", ids.size());
    ids.stream().limit(MOST_IDS).forEach(list.putArray("ids")::add);
  }

  private static void models(ArrayNode array, List<Model> models) {
    for (Model model : models) {
      ObjectNode node = array.addObject();
      node.put("variant", model.variant());
      node.put("answers", model.answers());
      node.put("bad", model.bad());
      node.put("firstBad", text(model.firstBad()));
      node.put("sinceFirstBad", model.sinceFirstBad());
      map(node.putObject("byKind"), model.byKind());
    }
  }

  private static void recoveries(ArrayNode array, List<Recovery> recoveries) {
    for (Recovery recovery : recoveries) {
      array
          .addObject()
          .put("process", recovery.process())
          .put("at", recovery.killedAt().toString())
          .put("answersAgainMillis", millis(recovery.answersAgain()))
          .put("worksMillis", millis(recovery.works()))
          .put("sign", recovery.sign())
          .put("longestGapOfInputsMillis", recovery.longestGap().toMillis());
    }
  }

  private static void map(ObjectNode node, Map<String, Long> map) {
    map.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> node.put(entry.getKey(), entry.getValue()));
  }

  private static @Nullable String text(@Nullable Instant at) {
    return at == null ? null : at.toString();
  }

  private static @Nullable Long millis(@Nullable Duration duration) {
    return duration == null ? null : duration.toMillis();
  }
}
