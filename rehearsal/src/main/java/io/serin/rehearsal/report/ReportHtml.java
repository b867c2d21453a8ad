package io.serin.rehearsal.report;

import io.serin.report.Html;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** Writes a report as one page that needs nothing else: no script, no font, no network. */
public final class ReportHtml {

  private static final String STYLE =
      """
      :root { color-scheme: light dark; --ink: #1d2430; --soft: #667085; --line: #d5dae3; --page: #ffffff;
        --even: #f4f6fa; --odd: #eaeef5; --bad: #fdecea; --control: #5b6b86; --candidate: #0f766e; --alarm: #b42318;
        --warn: #b54708; }
      @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #98a2b3; --line: #3a4353; --page: #14181f;
        --even: #1b212b; --odd: #222a36; --bad: #3b1d1c; --control: #9db0d0; --candidate: #4fd1c1; --alarm: #ff8a7a;
        --warn: #f5b562; } }
      body { margin: 2rem auto; max-width: 1120px; padding: 0 1rem; background: var(--page); color: var(--ink);
        font: 15px/1.5 system-ui, sans-serif; }
      h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
      .outcome { font-size: 1.1rem; margin: .3rem 0 1rem; } .soft { color: var(--soft); }
      svg { width: 100%; height: auto; font-family: inherit; }
      svg text { font-size: 12px; fill: var(--soft); } svg .name { font-weight: 600; fill: var(--ink); font-size: 13px; }
      .stage.even { fill: var(--even); } .stage.odd { fill: var(--odd); } .stage.bad { fill: var(--bad); }
      .base { stroke: var(--line); } .share { fill: none; stroke: var(--candidate); stroke-width: 2.5; }
      .rate { fill: none; stroke-width: 1.5; } .rate.control { stroke: var(--control); }
      .rate.candidate { stroke: var(--candidate); } svg .key.control { fill: var(--control); }
      svg .key.candidate { fill: var(--candidate); }
      .guard { fill: var(--control); } .guard.rollback { fill: var(--alarm); }
      .guard.freeze, .guard.flag, .guard.investigate, .guard.hold { fill: var(--warn); }
      .mark { stroke-width: 1.5; stroke-dasharray: 4 3; stroke: var(--soft); } .mark.fault, .mark.kill { stroke: var(--warn); }
      .mark.stop { stroke: var(--alarm); } .mark.good { stroke: var(--candidate); }
      svg .marked.fault, svg .marked.kill { fill: var(--warn); } svg .marked.stop { fill: var(--alarm); }
      svg .marked.good { fill: var(--candidate); }
      table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top;
        padding: .4rem .6rem .4rem 0; border-bottom: 1px solid var(--line); font-size: 14px; }
      th { color: var(--soft); font-weight: 500; } td.number { white-space: nowrap; font-variant-numeric: tabular-nums; }
      ul { margin: 0; padding-left: 1.1rem; } .scroll { overflow-x: auto; }
      """;

  private ReportHtml() {}

  /** The report as a page. */
  public static String of(RehearsalReport report) {
    Facts facts = report.facts();
    String title = "Rehearsal of " + facts.rollout();
    Html page = Html.page(title, STYLE).element("h1", "", title);
    page.element("p", "class=\"outcome\"", outcome(report));
    page.raw("<p class=\"soft\">")
        .text(
            String.format(
                Locale.ROOT,
                "%,d requests in %s s; %s; run %s, %s",
                facts.sent().size(),
                ReportText.seconds(Duration.between(facts.trafficStart(), facts.trafficEnd())),
                facts.faults().isEmpty()
                    ? "no fault"
                    : "faults " + String.join(", ", facts.faults()),
                facts.run(),
                facts.trafficStart()))
        .raw("</p>\n");
    page.raw(TimelineSvg.of(report));
    stages(page, report);
    page.raw("<h2>What happened</h2>\n<div class=\"scroll\"><table><tbody>\n");
    for (RehearsalReport.Moment moment : report.timeline()) {
      row(page, at(facts, moment.at()), moment.what());
    }
    page.raw("</tbody></table></div>\n<h2>All of it, as text</h2>\n<pre class=\"scroll\">");
    page.text(ReportText.of(report)).raw("</pre>\n");
    return page.close();
  }

  private static String outcome(RehearsalReport report) {
    String what =
        switch (report.decided()) {
          case ROLLBACK ->
              "Rolled back"
                  + report
                      .stages()
                      .endedBy(StageStay.Ending.ROLLED_BACK)
                      .map(stay -> " in stage " + stay.name())
                      .orElse("");
          case PROMOTE -> "Promoted";
          case HOLD, ANY, FLAG, INVESTIGATE -> "The candidate kept its share";
        };
    return what + "; " + ReportText.conclusion(report);
  }

  private static void stages(Html page, RehearsalReport report) {
    page.raw("<h2>Stages and their evidence</h2>\n<div class=\"scroll\"><table><thead><tr>");
    for (String head : new String[] {"Stage", "Time", "Traffic", "Evidence", "How it ended"}) {
      page.raw("<th>").raw(head).raw("</th>");
    }
    page.raw("</tr></thead><tbody>\n");
    Facts facts = report.facts();
    for (StageStay stay : report.stages().stays()) {
      Instant left = stay.left();
      page.raw("<tr><td><b>").text(stay.name()).raw("</b><br>");
      page.text(StagesText.shares(stay.shares())).raw("</td>");
      page.raw("<td class=\"number\">").raw(at(facts, stay.entered())).raw("<br>");
      page.raw(left == null ? "–" : at(facts, left)).raw("</td>");
      page.raw("<td>").text(StagesText.served(stay.served())).raw("</td><td><ul>");
      for (Verdict verdict : stay.evidence()) {
        page.raw("<li>")
            .text(
                String.format(
                    Locale.ROOT,
                    "%s %s, ln E %.2f of %.2f: %s",
                    verdict.getMetric(),
                    verdict.getDecision().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    verdict.getLogE(),
                    verdict.getThreshold(),
                    verdict.getText()))
            .raw("</li>");
      }
      page.raw("</ul></td><td>").text(StagesText.ended(stay));
      for (RolloutEvent event : stay.events()) {
        page.raw("<br><span class=\"soft\">").text(event.getText()).raw("</span>");
      }
      page.raw("</td></tr>\n");
    }
    page.raw("</tbody></table></div>\n");
  }

  private static void row(Html page, String at, String what) {
    page.raw("<tr><td class=\"number\">").raw(at).raw("</td><td>");
    page.text(what).raw("</td></tr>\n");
  }

  private static String at(Facts facts, Instant at) {
    return String.format(
        Locale.ROOT, "%+.1f s", Duration.between(facts.trafficStart(), at).toMillis() / 1e3);
  }
}
