package io.serin.cli.compare;

import io.serin.comparison.ComparisonReport;
import io.serin.comparison.Estimate;
import io.serin.comparison.Example;
import io.serin.comparison.Finding;
import io.serin.comparison.Metric;
import io.serin.comparison.PairDifference;
import io.serin.comparison.Splits;
import io.serin.refusals.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A comparison as one HTML page that loads nothing and runs nothing. */
public final class HtmlReport {
  private static final int SEGMENTS_DRAWN = 14;

  private HtmlReport() {}

  public static String of(Compared compared) {
    ComparisonReport report = compared.report();
    StringBuilder page = new StringBuilder();
    page.append("<!doctype html><html lang='en'><head><meta charset='utf-8'>");
    page.append("<meta name='viewport' content='width=device-width,initial-scale=1'><title>");
    page.append(escape(compared.control())).append(" against ");
    page.append(escape(compared.candidate())).append("</title><style>");
    page.append(resource("report.css")).append("</style></head><body><main>");
    head(page, compared);
    metrics(page, report);
    if (!compared.differences().isEmpty()) {
      refusals(page, compared.differences());
      page.append("<h2>Length</h2><div class='two'><figure>");
      page.append(Plots.lengths(compared.differences())).append("</figure><figure>");
      page.append(Plots.ratios(compared.differences())).append("</figure></div>");
    }
    segments(page, report);
    likeness(page, compared);
    splits(page, compared);
    examples(page, report.examples());
    page.append("</main></body></html>\n");
    return page.toString();
  }

  /** Text as it may stand in a page. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("'", "&#39;")
        .replace("\"", "&quot;");
  }

  private static void head(StringBuilder page, Compared compared) {
    ComparisonReport report = compared.report();
    page.append("<h1>").append(escape(compared.control())).append(" <span>against</span> ");
    page.append(escape(compared.candidate())).append("</h1><p class='lead'>");
    if (!compared.source().isEmpty()) {
      page.append(escape(compared.source())).append("<br>");
    }
    page.append(escape(CompareText.size(compared))).append(".</p><div class='cards'>");
    for (Finding each : report.metrics()) {
      if (each.found()) {
        page.append("<div class='card ").append(Plots.css(each.verdict())).append("'><b>");
        page.append(each.estimate().metric().id()).append("</b><em>");
        page.append(CompareText.effect(each.estimate())).append("</em><i>");
        page.append(CompareText.word(each.verdict())).append("</i></div>");
      }
    }
    if (!report.anyFound()) {
      page.append("<div class='card none'><b>no difference shown</b></div>");
    }
    page.append("</div><p class='note'>").append(escape(CompareText.rule(report))).append("</p>");
  }

  private static void metrics(StringBuilder page, ComparisonReport report) {
    page.append("<h2>Differences</h2>");
    for (Metric.Kind kind : Metric.Kind.values()) {
      List<Finding> of = kind(report.metrics(), kind);
      if (!of.isEmpty()) {
        page.append("<figure>").append(Plots.forest(of, false)).append("</figure>");
      }
    }
    table(page, report.metrics(), false);
  }

  private static void segments(StringBuilder page, ComparisonReport report) {
    List<Finding> found = report.segments().stream().filter(Finding::found).toList();
    page.append("<h2>Segments</h2><p>").append(found.size()).append(" of ");
    page.append(report.segments().size()).append(" tested differ, the worst first.</p>");
    for (Metric.Kind kind : Metric.Kind.values()) {
      List<Finding> of = kind(found, kind);
      if (!of.isEmpty()) {
        page.append("<figure>");
        page.append(Plots.forest(of.subList(0, Math.min(SEGMENTS_DRAWN, of.size())), true));
        page.append("</figure>");
      }
    }
    page.append("<details><summary>All that were tested</summary>");
    table(page, report.segments(), true);
    page.append("</details>");
  }

  private static List<Finding> kind(List<Finding> findings, Metric.Kind kind) {
    return findings.stream().filter(each -> each.estimate().metric().kind() == kind).toList();
  }

  private static void table(StringBuilder page, List<Finding> findings, boolean segments) {
    page.append("<table><thead><tr>").append(segments ? "<th>segment</th>" : "");
    page.append(
        "<th>metric</th><th class='n'>pairs</th><th class='n'>control</th><th class='n'>candidate</th>"
            + "<th class='n'>difference</th><th class='n'>p</th><th></th></tr></thead><tbody>");
    for (Finding each : findings) {
      Estimate e = each.estimate();
      page.append("<tr class='").append(Plots.css(each.verdict())).append("'>");
      if (segments) {
        page.append("<td>").append(escape(Objects.requireNonNull(each.segment()))).append("</td>");
      }
      page.append("<td title='").append(escape(e.metric().about())).append("'>");
      page.append(e.metric().id()).append("</td>");
      cell(page, String.valueOf(e.pairs()));
      cell(page, CompareText.value(e, e.control()));
      cell(page, CompareText.value(e, e.candidate()));
      cell(page, CompareText.effect(e));
      cell(page, escape(CompareText.p(each.adjusted())));
      page.append("<td class='word'>").append(CompareText.word(each.verdict()));
      page.append("</td></tr>");
    }
    page.append("</tbody></table>");
  }

  private static void cell(StringBuilder page, String text) {
    page.append("<td class='n'>").append(text).append("</td>");
  }

  private static void refusals(StringBuilder page, List<PairDifference> differences) {
    long[][] counts = new long[3][3];
    for (PairDifference each : differences) {
      Refusal control = each.control().refusal();
      Refusal candidate = each.candidate().refusal();
      if (control != null && candidate != null) {
        counts[control.degree()][candidate.degree()]++;
      }
    }
    page.append("<h2>Refusals</h2><table class='matrix'><thead><tr><th>control \\ candidate</th>");
    page.append("<th class='n'>answers</th><th class='n'>partly</th><th class='n'>refuses</th>");
    page.append("</tr></thead><tbody>");
    String[] names = {"answers", "refuses partly", "refuses"};
    for (int row = 0; row < names.length; row++) {
      page.append("<tr><td>").append(names[row]).append("</td>");
      for (int column = 0; column < names.length; column++) {
        String kind = column > row ? "more" : column < row ? "less" : "same";
        boolean any = counts[row][column] > 0;
        page.append("<td class='n ").append(any ? kind : "zero").append("'>");
        page.append(counts[row][column]).append("</td>");
      }
      page.append("</tr>");
    }
    page.append("</tbody></table>");
  }

  private static void likeness(StringBuilder page, Compared compared) {
    ComparisonReport report = compared.report();
    if (report.words() != null) {
      page.append("<h2>Likeness</h2><p>Words in common: similarity ");
      page.append(number(report.words().similarity())).append("; ");
      page.append(escape(CompareText.noise(report.words()))).append(".</p>");
    }
    if (compared.semantic() != null) {
      page.append("<p>Embeddings: similarity ").append(number(compared.semantic().similarity()));
      page.append("; ").append(escape(CompareText.noise(compared.semantic()))).append(".</p>");
    }
    if (compared.judged() != null) {
      page.append("<h2>Judge</h2><p>");
      page.append(escape(CompareText.judgement(compared, compared.judged()))).append(".</p>");
    }
  }

  private static void splits(StringBuilder page, Compared compared) {
    if (compared.splits().isEmpty()) {
      return;
    }
    page.append("<h2>Where nothing differs</h2><ul>");
    for (Splits each : compared.splits()) {
      page.append("<li>").append(escape(each.what())).append(": something found in ");
      page.append(each.found()).append(" of ").append(each.runs()).append("</li>");
    }
    page.append("</ul>");
  }

  private static void examples(StringBuilder page, List<Example> examples) {
    if (examples.isEmpty()) {
      return;
    }
    page.append("<h2>The most telling pairs</h2><p class='note'>Redacted and cut.</p>");
    for (Example each : examples) {
      page.append("<article><h3>").append(escape(each.id())).append(": the candidate ");
      page.append(escape(String.join("; ", each.reasons()))).append("</h3><p class='asked'>");
      page.append(escape(each.prompt())).append("</p><div class='two'><div><h4>control</h4><p>");
      page.append(escape(each.control())).append("</p></div><div><h4>candidate</h4><p>");
      page.append(escape(each.candidate())).append("</p></div></div></article>");
    }
  }

  private static String number(@Nullable Double value) {
    return value == null ? "" : String.format(Locale.ROOT, "%.3f", value);
  }

  private static String resource(String name) {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the report's " + name + " is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("the report's " + name + " cannot be read", e);
    }
  }
}
