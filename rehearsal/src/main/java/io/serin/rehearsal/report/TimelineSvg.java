package io.serin.rehearsal.report;

import io.serin.report.Svg;
import io.serin.schemas.Command;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Draws a rehearsal over time: stages, the candidates' share, requests a second by variant, and how
 * near each guard came to its threshold. Plain SVG with classes; the page that holds it gives them
 * their colours.
 */
final class TimelineSvg {

  private static final int WIDTH = 1_080;
  private static final int LEFT = 120;
  private static final int RIGHT = 170;
  private static final int SHARE_TOP = 46;
  private static final int SHARE_HEIGHT = 110;
  private static final int RATE_TOP = 186;
  private static final int RATE_HEIGHT = 90;
  private static final int GUARD_TOP = 310;
  private static final int GUARD_ROW = 26;

  private final RehearsalReport report;
  private final Instant from;
  private final double seconds;
  private final Map<String, List<Verdict>> guards;
  private final int bottom;
  private final Svg svg;

  private TimelineSvg(RehearsalReport report) {
    this.report = report;
    List<StageStay> stays = report.stages().stays();
    Instant traffic = report.facts().trafficStart();
    Instant first = stays.isEmpty() ? traffic : stays.getFirst().entered();
    this.from = first.isBefore(traffic) ? first : traffic;
    this.seconds = Math.max(1, seconds(report.facts().trafficEnd()));
    this.guards = guards(report);
    int height = GUARD_TOP + Math.max(1, guards.size()) * GUARD_ROW + 40;
    this.bottom = height - 34;
    this.svg = new Svg(WIDTH, height);
  }

  static String of(RehearsalReport report) {
    return new TimelineSvg(report).draw();
  }

  private String draw() {
    stages();
    shares();
    rates();
    drawGuards();
    axis();
    moments();
    return svg.inline("Timeline of the stages");
  }

  private void stages() {
    int number = 0;
    for (StageStay stay : report.stages().stays()) {
      double begin = x(seconds(stay.entered()));
      Instant left = stay.left();
      double end = x(left == null ? seconds : seconds(left));
      String kind =
          stay.ending() == StageStay.Ending.ROLLED_BACK ? "bad" : number % 2 == 0 ? "even" : "odd";
      svg.rectangle(Svg.css("stage " + kind), begin, 26, Math.max(1, end - begin), bottom - 26);
      svg.text(look("name", "middle"), (begin + end) / 2, 18, stay.name());
      number++;
    }
  }

  private void shares() {
    label(SHARE_TOP + SHARE_HEIGHT / 2, "candidate's share");
    scale(SHARE_TOP, "100 %");
    scale(SHARE_TOP + SHARE_HEIGHT, "0 %");
    StringBuilder path = new StringBuilder();
    double y = SHARE_TOP + SHARE_HEIGHT;
    for (Command command : report.facts().seen().commands()) {
      if (command.getRun().equals(report.facts().run())) {
        int share =
            StageStay.shares(command).entrySet().stream()
                .filter(entry -> report.facts().candidates().contains(entry.getKey()))
                .mapToInt(Map.Entry::getValue)
                .sum();
        double x = x(Math.min(seconds, seconds(command.getIssuedAt())));
        double next = SHARE_TOP + SHARE_HEIGHT * (1 - share / 10_000.0);
        String to = path.isEmpty() ? "M%.1f %.1f V%.1f" : " H%.1f V%3$.1f";
        path.append(String.format(Locale.ROOT, to, x, y, next));
        y = next;
      }
    }
    if (!path.isEmpty()) {
      path.append(String.format(Locale.ROOT, " H%.1f", x(seconds)));
      svg.path(Svg.css("share"), path);
    }
  }

  private void rates() {
    label(RATE_TOP + RATE_HEIGHT / 2, "attempts a second");
    int cells = (int) Math.ceil(seconds);
    Map<String, double[]> perSecond = new TreeMap<>();
    double most = 1;
    for (RequestEvent attempt : report.facts().seen().attempts()) {
      int cell = (int) Math.floor(seconds(attempt.getEndedAt()));
      if (attempt.getRun().equals(report.facts().run()) && cell >= 0 && cell < cells) {
        double[] counts =
            perSecond.computeIfAbsent(attempt.getServedVariant(), _ -> new double[cells]);
        counts[cell]++;
        most = Math.max(most, counts[cell]);
      }
    }
    scale(RATE_TOP, String.format(Locale.ROOT, "%.0f", most));
    scale(RATE_TOP + RATE_HEIGHT, "0");
    int row = 0;
    for (Map.Entry<String, double[]> variant : perSecond.entrySet()) {
      StringBuilder path = new StringBuilder();
      for (int cell = 0; cell < cells; cell++) {
        path.append(
            String.format(
                Locale.ROOT,
                "%s%.1f %.1f",
                cell == 0 ? "M" : " L",
                x(Math.min(seconds, cell + 0.5)),
                RATE_TOP + RATE_HEIGHT * (1 - variant.getValue()[cell] / most)));
      }
      String kind = variant.getKey().equals("control") ? "control" : "candidate";
      svg.path(Svg.css("rate " + kind), path);
      svg.text(
          Svg.css("key " + kind), WIDTH - RIGHT + 10, RATE_TOP + 14 + 18 * row++, variant.getKey());
    }
  }

  private static Map<String, List<Verdict>> guards(RehearsalReport report) {
    Map<String, List<Verdict>> guards = new LinkedHashMap<>();
    boolean several = report.facts().candidates().size() > 1;
    for (Verdict verdict : report.facts().seen().verdicts()) {
      if (verdict.getRun().equals(report.facts().run())) {
        String name = verdict.getMetric() + (several ? " of " + verdict.getCandidate() : "");
        guards.computeIfAbsent(name, _ -> new ArrayList<>()).add(verdict);
      }
    }
    return new TreeMap<>(guards);
  }

  /** One row a guard: the bar is ln E against its threshold, as each verdict found it. */
  private void drawGuards() {
    int row = 0;
    for (Map.Entry<String, List<Verdict>> guard : guards.entrySet()) {
      int base = GUARD_TOP + row * GUARD_ROW + GUARD_ROW - 6;
      label(base - 5, guard.getKey());
      svg.line(Svg.css("base"), LEFT, base, WIDTH - RIGHT, base);
      List<Verdict> verdicts = guard.getValue();
      for (int i = 0; i < verdicts.size(); i++) {
        Verdict verdict = verdicts.get(i);
        double begin = x(Math.min(seconds, seconds(verdict.getAt())));
        double end =
            i + 1 < verdicts.size()
                ? x(Math.min(seconds, seconds(verdicts.get(i + 1).getAt())))
                : Math.min(begin + 12, x(seconds));
        double part =
            verdict.getThreshold() > 0
                ? Math.clamp(verdict.getLogE() / verdict.getThreshold(), 0, 1)
                : 0;
        double high = Math.max(part * (GUARD_ROW - 8), 1);
        svg.rectangle(
            Svg.css("guard " + verdict.getDecision().name().toLowerCase(Locale.ROOT)),
            begin,
            base - high,
            Math.max(1.5, end - begin),
            high,
            String.format(
                Locale.ROOT,
                "%s: ln E %.2f of %.2f; %s",
                verdict.getDecision(),
                verdict.getLogE(),
                verdict.getThreshold(),
                verdict.getText()));
      }
      Verdict last = verdicts.getLast();
      svg.text(
          Svg.css("key"),
          WIDTH - RIGHT + 10,
          base - 3,
          String.format(
              Locale.ROOT,
              "%s, %.1f of %.1f",
              last.getDecision().name().toLowerCase(Locale.ROOT).replace('_', ' '),
              last.getLogE(),
              last.getThreshold()));
      row++;
    }
  }

  private void moments() {
    Instant bad = report.firstBad();
    if (bad != null) {
      mark(seconds(bad), "fault", "first bad answer");
    }
    report
        .stages()
        .endedBy(StageStay.Ending.PROMOTED)
        .map(StageStay::left)
        .ifPresent(at -> mark(seconds(at), "good", "promoted"));
    Rollback rollback = report.rollback();
    if (rollback != null) {
      mark(seconds(rollback.command().getIssuedAt()), "stop", "rolled back");
    }
    for (Recovery recovery : report.recoveries()) {
      mark(seconds(recovery.killedAt()), "kill", recovery.process() + " killed");
    }
  }

  private void mark(double at, String kind, String what) {
    double x = x(Math.clamp(at, 0, seconds));
    String title = String.format(Locale.ROOT, "%s, %.1f s", what, at);
    svg.line(Svg.css("mark " + kind), x, 26, x, bottom, title);
    int row = kind.equals("fault") || kind.equals("kill") ? 38 : SHARE_TOP + SHARE_HEIGHT + 16;
    boolean end = x > WIDTH - RIGHT - 130;
    svg.text(look("marked " + kind, end ? "end" : "start"), x + (end ? -4 : 4), row, what);
  }

  private void axis() {
    double step = seconds > 240 ? 60 : seconds > 90 ? 20 : seconds > 30 ? 10 : 5;
    for (double at = 0; at <= seconds; at += step) {
      svg.text(look("scale", "middle"), x(at), bottom + 18, Svg.number(at) + " s");
    }
  }

  private void label(int y, String what) {
    svg.text(Svg.css("label"), 0, y + 4, what);
  }

  private void scale(int y, String what) {
    svg.text(look("scale", "end"), LEFT - 6, y + 4, what);
    svg.line(Svg.css("base"), LEFT, y, WIDTH - RIGHT, y);
  }

  private static String look(String css, String anchor) {
    return Svg.css(css) + " text-anchor=\"" + anchor + "\"";
  }

  private double x(double second) {
    return LEFT + (WIDTH - LEFT - RIGHT) * second / seconds;
  }

  private double seconds(Instant at) {
    return Duration.between(from, at).toMillis() / 1e3;
  }
}
