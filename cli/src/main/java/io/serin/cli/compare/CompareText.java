package io.serin.cli.compare;

import io.serin.comparison.ComparedMetric;
import io.serin.comparison.ComparisonReport;
import io.serin.comparison.Conclusion;
import io.serin.comparison.Estimate;
import io.serin.comparison.Example;
import io.serin.comparison.Floor;
import io.serin.comparison.NullSplits;
import io.serin.comparison.TestedMetric;
import io.serin.comparison.review.Judged;
import io.serin.report.TextTable;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Pure: a comparison as text for a terminal. */
public final class CompareText {
  private static final int SEGMENTS = 12;

  private CompareText() {}

  public static String of(Compared compared) {
    StringBuilder text = new StringBuilder();
    ComparisonReport report = compared.report();
    if (!compared.source().isEmpty()) {
      text.append(compared.source()).append('\n');
    }
    text.append(String.format(Locale.ROOT, "control    %s%n", compared.control()));
    text.append(String.format(Locale.ROOT, "candidate  %s%n", compared.candidate()));
    text.append(size(compared)).append('\n');
    if (report.paired()) {
      text.append(sameness(report));
    }
    text.append(
        String.format(Locale.ROOT, "%nOver all %s%n", report.paired() ? "pairs" : "answers"));
    TextTable metrics = TextTable.of("", ">control", ">candidate", "difference", ">p", "");
    report.metrics().forEach(each -> row(metrics, each, each.estimate().metric().id()));
    text.append(metrics.text("  "));
    segments(text, report);
    likeness(text, "Words in common", report.words());
    likeness(text, "Embeddings", compared.semantic());
    judged(text, compared);
    splits(text, compared);
    examples(text, report.examples());
    return text.toString().stripTrailing();
  }

  /** Which pairs there are. */
  static String size(Compared compared) {
    ComparisonReport report = compared.report();
    if (!report.paired()) {
      return String.format(
          Locale.ROOT,
          "%d and %d answers, no prompt in common: two independent samples",
          report.control(),
          report.candidate());
    }
    String left =
        compared.onlyControl() + compared.onlyCandidate() == 0
            ? ""
            : String.format(
                Locale.ROOT,
                "; skipped without a partner: %d of control, %d of the candidate",
                compared.onlyControl(),
                compared.onlyCandidate());
    return String.format(
        Locale.ROOT,
        "%d pairs of answers to the same prompt, from %d units%s",
        report.pairs(),
        report.units(),
        left);
  }

  /** How the verdicts were reached. */
  static String rule(ComparisonReport report) {
    String percent = String.format(Locale.ROOT, "%.3g %%", 100 * report.settings().alpha());
    String interval = String.format(Locale.ROOT, "%.4g %%", 100 * (1 - report.settings().alpha()));
    return "Intervals hold "
        + interval
        + " each. Where nothing differs, anything is called different with a chance of at most "
        + percent
        + ": half of it for the metrics (Holm), half for the segments (Benjamini-Yekutieli). p is"
        + " after that correction.";
  }

  private static String sameness(ComparisonReport report) {
    StringBuilder text = new StringBuilder("the same text: " + percent(report.equal()));
    text.append(", the same words: ").append(percent(report.sameWords()));
    if (report.sameFinishReason() != null) {
      text.append(", the same finish reason: ").append(percent(report.sameFinishReason()));
    }
    if (report.sameTools() != null) {
      text.append(", the same tools: ").append(percent(report.sameTools()));
    }
    if (report.sameArguments() != null) {
      text.append(", with the same arguments: ").append(percent(report.sameArguments()));
    }
    return text.append('\n').toString();
  }

  private static void row(TextTable table, TestedMetric finding, String name) {
    Estimate e = finding.estimate();
    String discordant =
        e.candidateOnly() == null
            ? ""
            : String.format(Locale.ROOT, "  +%d −%d", e.candidateOnly(), e.controlOnly());
    table.row(
        name,
        value(e, e.control()),
        value(e, e.candidate()),
        effect(e),
        p(finding.adjusted()),
        word(finding.verdict()) + discordant);
  }

  private static void segments(StringBuilder text, ComparisonReport report) {
    List<TestedMetric> found = report.segments().stream().filter(TestedMetric::found).toList();
    text.append(
        String.format(
            Locale.ROOT,
            "%nSegments: %d of %d tested differ%n",
            found.size(),
            report.segments().size()));
    TextTable table = TextTable.plain("<", ">", ">", "<", ">", "<");
    found.stream()
        .limit(SEGMENTS)
        .forEach(
            each ->
                row(
                    table,
                    each,
                    Objects.requireNonNull(each.segment()) + " " + each.estimate().metric().id()));
    text.append(table.text("  "));
    if (found.size() > SEGMENTS) {
      text.append(
          String.format(
              Locale.ROOT, "  and %d more: --json and --html list all%n", found.size() - SEGMENTS));
    }
    text.append('\n').append(rule(report)).append('\n');
  }

  private static void likeness(StringBuilder text, String what, @Nullable Floor floor) {
    if (floor == null) {
      return;
    }
    text.append(
        String.format(
            Locale.ROOT,
            "%n%s: similarity %.3f over %d pairs%n",
            what,
            floor.similarity(),
            floor.pairs()));
    text.append("  ").append(noise(floor)).append('\n');
  }

  /** What the similarity means, against control itself. */
  static String noise(Floor floor) {
    if (floor.noise() == null || floor.below() == null) {
      return "control was not asked twice, so how alike two of its own answers are is not known";
    }
    return String.format(
        Locale.ROOT,
        "control with itself %.3f over %d pairs: the candidate is %.3f less alike (%.3f to %.3f, p"
            + " %s)",
        floor.noise(),
        floor.twice(),
        floor.below(),
        Objects.requireNonNull(floor.low()),
        Objects.requireNonNull(floor.high()),
        p(Objects.requireNonNull(floor.p())));
  }

  private static void judged(StringBuilder text, Compared compared) {
    Judged judged = compared.judged();
    if (judged != null) {
      text.append(String.format(Locale.ROOT, "%nJudge: %s%n", judgement(compared, judged)));
    }
  }

  /** What the judge said. */
  static String judgement(Compared compared, Judged judged) {
    String cost =
        compared.judgeCost() == null
            ? ""
            : String.format(Locale.ROOT, ", cost %.4f", compared.judgeCost());
    return String.format(
        Locale.ROOT,
        "candidate wins %d, loses %d, ties %d of %d (p %s); agrees with itself in the other order"
            + " %.0f %%; %d unreadable; prompt %s; %d + %d tokens%s",
        judged.wins(),
        judged.losses(),
        judged.ties() + judged.swayed(),
        judged.pairs(),
        p(judged.p()),
        100 * judged.agreement(),
        judged.unreadable(),
        judged.prompt(),
        judged.promptTokens(),
        judged.completionTokens(),
        cost);
  }

  private static void splits(StringBuilder text, Compared compared) {
    if (!compared.splits().isEmpty()) {
      text.append(String.format(Locale.ROOT, "%nWhere nothing differs%n"));
    }
    for (NullSplits each : compared.splits()) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %-34s something found in %d of %d, %.1f %% (stated: at most %.3g %%)%n",
              each.what(),
              each.found(),
              each.runs(),
              100 * each.rate(),
              100 * compared.report().settings().alpha()));
    }
  }

  private static void examples(StringBuilder text, List<Example> examples) {
    if (!examples.isEmpty()) {
      text.append(
          String.format(Locale.ROOT, "%nThe %d most telling pairs, redacted%n", examples.size()));
    }
    int number = 0;
    for (Example each : examples) {
      text.append(
          String.format(
              Locale.ROOT,
              "%n%2d. %s: the candidate %s%n",
              ++number,
              each.id(),
              String.join("; ", each.reasons())));
      text.append("    asked      ").append(line(each.prompt())).append('\n');
      text.append("    control    ").append(line(each.control())).append('\n');
      text.append("    candidate  ").append(line(each.candidate())).append('\n');
    }
  }

  private static String line(String text) {
    String line = text.replaceAll("\\s+", " ");
    return line.length() <= 170 ? line : line.substring(0, 170) + " …";
  }

  /** A side's own number. */
  static String value(Estimate e, double value) {
    if (e.metric().kind() == ComparedMetric.Kind.EVENT) {
      return percent(value);
    }
    String unit =
        switch (e.metric()) {
          case LATENCY, TTFT -> " ms";
          default -> "";
        };
    return String.format(Locale.ROOT, value < 10 ? "%.2f%s" : "%.0f%s", value, unit);
  }

  /** The effect with its interval. */
  static String effect(Estimate e) {
    return e.metric().kind() == ComparedMetric.Kind.EVENT
        ? String.format(
            Locale.ROOT,
            "%+.1f pp (%+.1f to %+.1f)",
            100 * e.effect(),
            100 * e.low(),
            100 * e.high())
        : String.format(Locale.ROOT, "×%.2f (%.2f to %.2f)", e.effect(), e.low(), e.high());
  }

  static String p(double p) {
    return p < 0.0001 ? "< .0001" : String.format(Locale.ROOT, "%.4f", p);
  }

  static String word(Conclusion verdict) {
    return switch (verdict) {
      case WORSE -> "worse";
      case BETTER -> "better";
      case DIFFERENT -> "different";
      case NOT_SHOWN -> "no difference shown";
    };
  }

  static String percent(@Nullable Double share) {
    return share == null ? "" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
