package io.serin.rehearsal.report;

import io.serin.schemas.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes a report for a person. */
public final class ReportText {

  private ReportText() {}

  /** The report, line by line. */
  public static String of(RehearsalReport report) {
    Facts facts = report.facts();
    StringBuilder text = new StringBuilder();
    line(
        text,
        "Rehearsal of %s (run %s): %,d requests in %s s, %s",
        facts.rollout(),
        facts.run(),
        facts.sent().size(),
        seconds(Duration.between(facts.trafficStart(), facts.trafficEnd())),
        facts.faults().isEmpty() ? "no fault" : "faults " + String.join(", ", facts.faults()));
    line(text, "");
    decision(text, report);
    line(text, "");
    StagesText.of(report).forEach(stage -> line(text, "%s", stage));
    for (RehearsalReport.Moment moment : report.timeline()) {
      line(text, "  %+10.3f s  %s", millis(facts.trafficStart(), moment.at()) / 1e3, moment.what());
    }
    line(text, "");
    clients(text, report);
    counts(text, report);
    report.recoveries().forEach(recovery -> recovery(text, recovery));
    line(text, "");
    line(text, "%s", conclusion(report));
    return text.toString();
  }

  private static void decision(StringBuilder text, RehearsalReport report) {
    String what =
        switch (report.decided()) {
          case ROLLBACK -> "rolled back";
          case PROMOTE -> "promoted";
          case HOLD, ANY, FLAG, INVESTIGATE -> "the candidate kept its share";
        };
    String expected =
        report.facts().expectation() == Expectation.ANY ? "" : ", " + report.metBecause();
    String where =
        report
            .stages()
            .endedBy(StageStay.Ending.ROLLED_BACK)
            .map(stay -> " in stage " + stay.name())
            .orElse("");
    line(text, "Decided: %s%s%s.", what, where, expected);
    Rollback rollback = report.rollback();
    if (rollback != null) {
      Verdict verdict = rollback.verdict();
      line(text, "  Cause: %s", rollback.command().getCause());
      if (verdict != null) {
        line(
            text,
            "  Guard %s: log e-value %.2f against a threshold of %.2f; events: candidate %d of %d units, control %d of %d",
            verdict.getMetric(),
            verdict.getLogE(),
            verdict.getThreshold(),
            verdict.getCandidateEvents(),
            verdict.getCandidateUnits(),
            verdict.getControlEvents(),
            verdict.getControlUnits());
        line(text, "  %s", verdict.getText());
      }
    } else {
      guards(text, report);
    }
    Duration gone = report.untilGone();
    if (gone != null) {
      line(text, "  From the first bad answer to the last router at 0 %%: %s s.", seconds(gone));
    }
    if (report.firstBad() != null) {
      line(
          text,
          "  The candidate served %,d requests from its first bad answer on (%,d in all).",
          report.candidateServedSinceFirstBad(),
          report.candidateServed());
    }
  }

  private static void guards(StringBuilder text, RehearsalReport report) {
    for (Verdict verdict : newestVerdicts(report)) {
      line(
          text,
          "  Guard %s: %s, log e-value %.2f of %.2f; %s",
          verdict.getMetric(),
          verdict.getDecision(),
          verdict.getLogE(),
          verdict.getThreshold(),
          verdict.getText());
    }
  }

  static List<Verdict> newestVerdicts(RehearsalReport report) {
    Map<String, Verdict> newest =
        report.facts().seen().verdicts().stream()
            .filter(verdict -> verdict.getRun().equals(report.facts().run()))
            .collect(
                Collectors.toMap(
                    verdict -> verdict.getCandidate() + " " + verdict.getMetric(),
                    verdict -> verdict,
                    (_, fresh) -> fresh,
                    TreeMap::new));
    return List.copyOf(newest.values());
  }

  private static void clients(StringBuilder text, RehearsalReport report) {
    List<Sent> sent = report.facts().sent();
    long whole = sent.stream().filter(Sent::ok).count();
    line(
        text,
        "Clients: %,d requests, %,d whole answers, %s.",
        sent.size(),
        whole,
        report.errors().isEmpty() ? "no error" : "errors: " + kinds(report.errors()));
    if (!report.excused().isEmpty()) {
      line(text, "  Beyond any router's power to hide: %s.", kinds(report.excused()));
    }
    report.facts().sent().stream()
        .filter(request -> !request.ok())
        .limit(3)
        .forEach(
            request ->
                line(text, "  %s: %s, %s", request.id(), request.outcome(), request.detail()));
    if (report.hidden() > 0) {
      line(text, "  %,d failed attempts were served by control instead.", report.hidden());
    }
    line(
        text,
        "  First byte: median %s ms, 95 %% within %s ms. Sent late: 99 %% within %s ms.%s",
        quantile(sent, Sent::ttftMicros, 0.5),
        quantile(sent, Sent::ttftMicros, 0.95),
        quantile(sent, Sent::lateMicros, 0.99),
        report.facts().notSent() == 0
            ? ""
            : " %,d were not sent: too many were under way.".formatted(report.facts().notSent()));
  }

  private static void counts(StringBuilder text, RehearsalReport report) {
    Reconciliation counts = report.counts();
    line(
        text,
        "Counted: %,d of %,d requests exactly once on serin.requests; serin.metrics sums to %,d%s.",
        counts.once(),
        counts.begun() - counts.neverReached().size(),
        counts.metricRequests(),
        counts.others() == 0 ? "" : " (with %,d of other clients)".formatted(counts.others()));
    if (counts.copies() > 0) {
      line(
          text,
          "  %,d records were copies, found by their event id and not counted.",
          counts.copies());
    }
    if (!counts.neverReached().isEmpty()) {
      line(text, "  %,d more requests never reached a router.", counts.neverReached().size());
    }
    if (counts.diedWithRouter() > 0) {
      line(text, "  %,d are counted as cut by the death of their router.", counts.diedWithRouter());
    }
    counts.problems().forEach(problem -> line(text, "  NOT EXACT: %s.", problem));
    if (!report.facts().settled()) {
      line(text, "  The counts had not come to rest when they were read.");
    }
  }

  private static void recovery(StringBuilder text, Recovery recovery) {
    line(
        text,
        "Killed: %s; it answered after %s, worked after %s (%s). Longest time without a decision input: %s s.",
        recovery.process(),
        orNever(recovery.answersAgain()),
        orNever(recovery.works()),
        recovery.sign(),
        seconds(recovery.longestGap()));
  }

  static String conclusion(RehearsalReport report) {
    return switch (report.exitCode()) {
      case RehearsalReport.EXIT_OK -> "The rehearsal went as it should.";
      case RehearsalReport.EXIT_UNEXPECTED ->
          "The rehearsal did not end as expected: " + report.metBecause() + ".";
      case RehearsalReport.EXIT_CLIENT_ERROR ->
          "Clients saw errors that they should not have seen.";
      default -> "The counts are not exact.";
    };
  }

  private static String kinds(Map<String, Long> kinds) {
    return kinds.entrySet().stream()
        .map(
            kind ->
                kind.getValue() + " " + kind.getKey().toLowerCase(Locale.ROOT).replace('_', ' '))
        .collect(Collectors.joining(", "));
  }

  private static String quantile(List<Sent> sent, Function<Sent, @Nullable Long> value, double q) {
    long[] sorted =
        sent.stream()
            .map(value)
            .filter(v -> v != null)
            .mapToLong(Long::longValue)
            .sorted()
            .toArray();
    if (sorted.length == 0) {
      return "-";
    }
    int index = (int) Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1);
    return String.format(Locale.ROOT, "%.1f", sorted[Math.max(0, index)] / 1e3);
  }

  private static String orNever(@Nullable Duration duration) {
    return duration == null ? "no time that was seen" : seconds(duration) + " s";
  }

  static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.3f", duration.toMillis() / 1e3);
  }

  private static long millis(Instant start, Instant at) {
    return Duration.between(start, at).toMillis();
  }

  @SuppressWarnings("AnnotateFormatMethod") // checked by the tests of every branch
  private static void line(StringBuilder text, String format, @Nullable Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
