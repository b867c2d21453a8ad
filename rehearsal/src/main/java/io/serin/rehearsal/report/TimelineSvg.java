package io.serin.rehearsal.report;

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

  private final Report report;
  private final Instant from;
  private final double seconds;
  private final StringBuilder svg = new StringBuilder();

  private TimelineSvg(Report report) {
    this.report = report;
    List<StageStay> stays = report.stages().stays();
    Instant traffic = report.facts().trafficStart();
    Instant first = stays.isEmpty() ? traffic : stays.getFirst().entered();
    this.from = first.isBefore(traffic) ? first : traffic;
    this.seconds = Math.max(1, seconds(report.facts().trafficEnd()));
  }

  static String of(Report report) {
    return new TimelineSvg(report).draw();
  }

  private String draw() {
    Map<String, List<Seen.Judged>> guards = guards();
    int height = GUARD_TOP + Math.max(1, guards.size()) * GUARD_ROW + 40;
    add(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Timeline of the stages\">",
        WIDTH, height);
    stages(height - 34);
    shares();
    rates();
    guards(guards);
    axis(height - 34);
    moments(height - 34);
    add("</svg>");
    return svg.toString();
  }

  private void stages(int bottom) {
    int number = 0;
    for (StageStay stay : report.stages().stays()) {
      double begin = x(seconds(stay.entered()));
      Instant left = stay.left();
      double end = x(left == null ? seconds : seconds(left));
      String kind =
          stay.ending() == StageStay.Ending.ROLLED_BACK ? "bad" : number % 2 == 0 ? "even" : "odd";
      add(
          "<rect class=\"stage %s\" x=\"%.1f\" y=\"26\" width=\"%.1f\" height=\"%d\"/>",
          kind, begin, Math.max(1, end - begin), bottom - 26);
      add(
          "<text class=\"name\" x=\"%.1f\" y=\"18\" text-anchor=\"middle\">%s</text>",
          (begin + end) / 2, text(stay.name()));
      number++;
    }
  }

  private void shares() {
    label(SHARE_TOP + SHARE_HEIGHT / 2, "candidate's share");
    scale(SHARE_TOP, "100 %");
    scale(SHARE_TOP + SHARE_HEIGHT, "0 %");
    StringBuilder path = new StringBuilder();
    double y = SHARE_TOP + SHARE_HEIGHT;
    for (Seen.Commanded command : report.facts().seen().commands()) {
      if (command.run().equals(report.facts().run())) {
        int share =
            command.shares().entrySet().stream()
                .filter(entry -> report.facts().candidates().contains(entry.getKey()))
                .mapToInt(Map.Entry::getValue)
                .sum();
        double x = x(Math.min(seconds, seconds(command.issuedAt())));
        double next = SHARE_TOP + SHARE_HEIGHT * (1 - share / 10_000.0);
        String to = path.isEmpty() ? "M%.1f %.1f V%.1f" : " H%.1f V%3$.1f";
        path.append(String.format(Locale.ROOT, to, x, y, next));
        y = next;
      }
    }
    if (!path.isEmpty()) {
      path.append(String.format(Locale.ROOT, " H%.1f", x(seconds)));
      add("<path class=\"share\" d=\"%s\"/>", path);
    }
  }

  private void rates() {
    label(RATE_TOP + RATE_HEIGHT / 2, "attempts a second");
    int cells = (int) Math.ceil(seconds);
    Map<String, double[]> perSecond = new TreeMap<>();
    double most = 1;
    for (Seen.Attempt attempt : report.facts().seen().attempts()) {
      int cell = (int) Math.floor(seconds(attempt.endedAt()));
      if (attempt.run().equals(report.facts().run()) && cell >= 0 && cell < cells) {
        double[] counts = perSecond.computeIfAbsent(attempt.served(), _ -> new double[cells]);
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
      add("<path class=\"rate %s\" d=\"%s\"/>", kind, path);
      add(
          "<text class=\"key %s\" x=\"%d\" y=\"%d\">%s</text>",
          kind, WIDTH - RIGHT + 10, RATE_TOP + 14 + 18 * row++, text(variant.getKey()));
    }
  }

  private Map<String, List<Seen.Judged>> guards() {
    Map<String, List<Seen.Judged>> guards = new LinkedHashMap<>();
    boolean several = report.facts().candidates().size() > 1;
    for (Seen.Judged verdict : report.facts().seen().verdicts()) {
      if (verdict.run().equals(report.facts().run())) {
        String name = verdict.metric() + (several ? " of " + verdict.candidate() : "");
        guards.computeIfAbsent(name, _ -> new ArrayList<>()).add(verdict);
      }
    }
    return new TreeMap<>(guards);
  }

  /** One row a guard: the bar is ln E against its threshold, as each verdict found it. */
  private void guards(Map<String, List<Seen.Judged>> guards) {
    int row = 0;
    for (Map.Entry<String, List<Seen.Judged>> guard : guards.entrySet()) {
      int bottom = GUARD_TOP + row * GUARD_ROW + GUARD_ROW - 6;
      label(bottom - 5, guard.getKey());
      add(
          "<line class=\"base\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>",
          LEFT, WIDTH - RIGHT, bottom, bottom);
      List<Seen.Judged> verdicts = guard.getValue();
      for (int i = 0; i < verdicts.size(); i++) {
        Seen.Judged verdict = verdicts.get(i);
        double begin = x(Math.min(seconds, seconds(verdict.at())));
        double end =
            i + 1 < verdicts.size()
                ? x(Math.min(seconds, seconds(verdicts.get(i + 1).at())))
                : Math.min(begin + 12, x(seconds));
        double part =
            verdict.threshold() > 0 ? Math.clamp(verdict.logE() / verdict.threshold(), 0, 1) : 0;
        double high = Math.max(part * (GUARD_ROW - 8), 1);
        add(
            "<rect class=\"guard %s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%s</title></rect>",
            verdict.decision().toLowerCase(Locale.ROOT),
            begin,
            bottom - high,
            Math.max(1.5, end - begin),
            high,
            text(
                "%s: ln E %.2f of %.2f; %s"
                    .formatted(
                        verdict.decision(), verdict.logE(), verdict.threshold(), verdict.text())));
      }
      Seen.Judged last = verdicts.getLast();
      add(
          "<text class=\"key\" x=\"%d\" y=\"%d\">%s</text>",
          WIDTH - RIGHT + 10,
          bottom - 3,
          text(
              String.format(
                  Locale.ROOT,
                  "%s, %.1f of %.1f",
                  last.decision().toLowerCase(Locale.ROOT).replace('_', ' '),
                  last.logE(),
                  last.threshold())));
      row++;
    }
  }

  private void moments(int bottom) {
    Instant bad = report.firstBad();
    if (bad != null) {
      mark(seconds(bad), bottom, "fault", "first bad answer");
    }
    report
        .stages()
        .endedBy(StageStay.Ending.PROMOTED)
        .map(StageStay::left)
        .ifPresent(at -> mark(seconds(at), bottom, "good", "promoted"));
    Rollback rollback = report.rollback();
    if (rollback != null) {
      mark(seconds(rollback.command().issuedAt()), bottom, "stop", "rolled back");
    }
    for (Recovery recovery : report.recoveries()) {
      mark(seconds(recovery.killedAt()), bottom, "kill", recovery.process() + " killed");
    }
  }

  private void mark(double at, int bottom, String kind, String what) {
    double x = x(Math.clamp(at, 0, seconds));
    add(
        "<line class=\"mark %s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"26\" y2=\"%d\"><title>%s, %.1f s</title></line>",
        kind, x, x, bottom, text(what), at);
    int row = kind.equals("fault") || kind.equals("kill") ? 38 : SHARE_TOP + SHARE_HEIGHT + 16;
    boolean end = x > WIDTH - RIGHT - 130;
    add(
        "<text class=\"marked %s\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s</text>",
        kind, x + (end ? -4 : 4), row, end ? "end" : "start", text(what));
  }

  private void axis(int y) {
    double step = seconds > 240 ? 60 : seconds > 90 ? 20 : seconds > 30 ? 10 : 5;
    for (double at = 0; at <= seconds; at += step) {
      add(
          "<text class=\"scale\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f s</text>",
          x(at), y + 18, at);
    }
  }

  private void label(int y, String what) {
    add("<text class=\"label\" x=\"0\" y=\"%d\">%s</text>", y + 4, text(what));
  }

  private void scale(int y, String what) {
    add(
        "<text class=\"scale\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>",
        LEFT - 6, y + 4, text(what));
    add(
        "<line class=\"base\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>",
        LEFT, WIDTH - RIGHT, y, y);
  }

  private double x(double second) {
    return LEFT + (WIDTH - LEFT - RIGHT) * second / seconds;
  }

  private double seconds(Instant at) {
    return Duration.between(from, at).toMillis() / 1e3;
  }

  static String text(String plain) {
    return plain
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  @SuppressWarnings("AnnotateFormatMethod") // checked by the tests of every branch
  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
