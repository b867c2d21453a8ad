package io.serin.rehearsal.report;

import io.serin.schemas.RolloutEvent;
import io.serin.schemas.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes the stages of a run for a person: how long each lasted, on what evidence it ended. */
final class StagesText {

  private StagesText() {}

  /** Lines; none where the run had a single stage. */
  static List<String> of(RehearsalReport report) {
    List<String> lines = new ArrayList<>();
    List<StageStay> stays = report.stages().stays();
    if (stays.size() < 2 && report.facts().stages().size() < 2) {
      return lines;
    }
    Instant start = report.facts().trafficStart();
    lines.add("Stages:");
    for (StageStay stay : stays) {
      Instant left = stay.left();
      lines.add(
          "  %-7s %s … %s  %s; %s"
              .formatted(
                  stay.name(),
                  at(start, stay.entered()),
                  left == null ? "      -  " : at(start, left),
                  shares(stay.shares()),
                  served(stay.served())));
      for (Verdict verdict : stay.evidence()) {
        lines.add(
            String.format(
                Locale.ROOT,
                "          %-12s %-11s ln E %6.2f of %5.2f  %s",
                verdict.getMetric(),
                verdict.getDecision().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                verdict.getLogE(),
                verdict.getThreshold(),
                verdict.getText()));
      }
      for (RolloutEvent event : stay.events()) {
        lines.add("          " + at(start, event.getAt()).strip() + "  " + event.getText());
      }
      lines.add("          " + ended(stay));
    }
    lines.add("");
    return lines;
  }

  static String ended(StageStay stay) {
    String because = ": " + stay.endedBecause();
    return switch (stay.ending()) {
      case NEXT -> "→ next stage" + because;
      case ROLLED_BACK -> "→ ROLLED BACK in this stage" + because;
      case PROMOTED -> "→ promoted" + because;
      case ABORTED -> "→ aborted" + because;
      case NONE -> "→ had not ended";
    };
  }

  static String shares(Map<String, Integer> basisPoints) {
    return basisPoints.entrySet().stream()
        .map(share -> share.getKey() + " " + percent(share.getValue()))
        .collect(Collectors.joining(", "));
  }

  static String percent(int basisPoints) {
    return basisPoints % 100 == 0
        ? basisPoints / 100 + " %"
        : String.format(Locale.ROOT, "%.2f %%", basisPoints / 100.0);
  }

  static String served(Map<String, Long> served) {
    return served.isEmpty()
        ? "no request"
        : served.entrySet().stream()
            .map(one -> String.format(Locale.ROOT, "%,d to %s", one.getValue(), one.getKey()))
            .collect(Collectors.joining(", "));
  }

  private static String at(Instant start, Instant at) {
    return String.format(Locale.ROOT, "%+8.1f s", Duration.between(start, at).toMillis() / 1e3);
  }
}
