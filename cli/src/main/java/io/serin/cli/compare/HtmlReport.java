package io.serin.cli.compare;

import io.serin.comparison.ComparedMetric;
import io.serin.comparison.ComparisonReport;
import io.serin.comparison.Estimate;
import io.serin.comparison.Example;
import io.serin.comparison.NullSplits;
import io.serin.comparison.PairDifference;
import io.serin.comparison.TestedMetric;
import io.serin.refusals.Refusal;
import io.serin.report.Html;
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
    String title = compared.control() + " against " + compared.candidate();
    Html page = Html.page(title, resource("report.css")).raw("<main>");
    head(page, compared);
    metrics(page, report);
    if (!compared.differences().isEmpty()) {
      refusals(page, compared.differences());
      page.raw("<h2>Length</h2><div class='two'><figure>");
      page.raw(Plots.lengths(compared.differences())).raw("</figure><figure>");
      page.raw(Plots.ratios(compared.differences())).raw("</figure></div>");
    }
    segments(page, report);
    likeness(page, compared);
    splits(page, compared);
    examples(page, report.examples());
    return page.raw("</main>").close();
  }

  private static void head(Html page, Compared compared) {
    ComparisonReport report = compared.report();
    page.raw("<h1>").text(compared.control()).raw(" <span>against</span> ");
    page.text(compared.candidate()).raw("</h1><p class='lead'>");
    if (!compared.source().isEmpty()) {
      page.text(compared.source()).raw("<br>");
    }
    page.text(CompareText.size(compared)).raw(".</p><div class='cards'>");
    for (TestedMetric each : report.metrics()) {
      if (each.found()) {
        page.raw("<div class='card ").raw(Plots.css(each.verdict())).raw("'><b>");
        page.raw(each.estimate().metric().id()).raw("</b><em>");
        page.raw(CompareText.effect(each.estimate())).raw("</em><i>");
        page.raw(CompareText.word(each.verdict())).raw("</i></div>");
      }
    }
    if (!report.anyFound()) {
      page.raw("<div class='card none'><b>no difference shown</b></div>");
    }
    page.raw("</div><p class='note'>").text(CompareText.rule(report)).raw("</p>");
  }

  private static void metrics(Html page, ComparisonReport report) {
    page.raw("<h2>Differences</h2>");
    for (ComparedMetric.Kind kind : ComparedMetric.Kind.values()) {
      List<TestedMetric> of = kind(report.metrics(), kind);
      if (!of.isEmpty()) {
        page.raw("<figure>").raw(Plots.forest(of, false)).raw("</figure>");
      }
    }
    table(page, report.metrics(), false);
  }

  private static void segments(Html page, ComparisonReport report) {
    List<TestedMetric> found = report.segments().stream().filter(TestedMetric::found).toList();
    page.raw("<h2>Segments</h2><p>").raw(String.valueOf(found.size())).raw(" of ");
    page.raw(String.valueOf(report.segments().size())).raw(" tested differ, the worst first.</p>");
    for (ComparedMetric.Kind kind : ComparedMetric.Kind.values()) {
      List<TestedMetric> of = kind(found, kind);
      if (!of.isEmpty()) {
        page.raw("<figure>");
        page.raw(Plots.forest(of.subList(0, Math.min(SEGMENTS_DRAWN, of.size())), true));
        page.raw("</figure>");
      }
    }
    page.raw("<details><summary>All that were tested</summary>");
    table(page, report.segments(), true);
    page.raw("</details>");
  }

  private static List<TestedMetric> kind(List<TestedMetric> findings, ComparedMetric.Kind kind) {
    return findings.stream().filter(each -> each.estimate().metric().kind() == kind).toList();
  }

  private static void table(Html page, List<TestedMetric> findings, boolean segments) {
    page.raw("<table><thead><tr>").raw(segments ? "<th>segment</th>" : "");
    page.raw(
        "<th>metric</th><th class='n'>pairs</th><th class='n'>control</th><th"
            + " class='n'>candidate</th><th class='n'>difference</th><th"
            + " class='n'>p</th><th></th></tr></thead><tbody>");
    for (TestedMetric each : findings) {
      Estimate e = each.estimate();
      page.raw("<tr class='").raw(Plots.css(each.verdict())).raw("'>");
      if (segments) {
        page.raw("<td>").text(Objects.requireNonNull(each.segment())).raw("</td>");
      }
      page.raw("<td title='").text(e.metric().about()).raw("'>");
      page.raw(e.metric().id()).raw("</td>");
      cell(page, String.valueOf(e.pairs()));
      cell(page, CompareText.value(e, e.control()));
      cell(page, CompareText.value(e, e.candidate()));
      cell(page, CompareText.effect(e));
      cell(page, CompareText.p(each.adjusted()));
      page.raw("<td class='word'>").raw(CompareText.word(each.verdict()));
      page.raw("</td></tr>");
    }
    page.raw("</tbody></table>");
  }

  private static void cell(Html page, String text) {
    page.element("td", "class='n'", text);
  }

  private static void refusals(Html page, List<PairDifference> differences) {
    long[][] counts = new long[3][3];
    for (PairDifference each : differences) {
      Refusal control = each.control().refusal();
      Refusal candidate = each.candidate().refusal();
      if (control != null && candidate != null) {
        counts[control.degree()][candidate.degree()]++;
      }
    }
    page.raw("<h2>Refusals</h2><table class='matrix'><thead><tr><th>control \\ candidate</th>");
    page.raw("<th class='n'>answers</th><th class='n'>partly</th><th class='n'>refuses</th>");
    page.raw("</tr></thead><tbody>");
    String[] names = {"answers", "refuses partly", "refuses"};
    for (int row = 0; row < names.length; row++) {
      page.raw("<tr><td>").raw(names[row]).raw("</td>");
      for (int column = 0; column < names.length; column++) {
        String kind = column > row ? "more" : column < row ? "less" : "same";
        boolean any = counts[row][column] > 0;
        page.raw("<td class='n ").raw(any ? kind : "zero").raw("'>");
        page.raw(String.valueOf(counts[row][column])).raw("</td>");
      }
      page.raw("</tr>");
    }
    page.raw("</tbody></table>");
  }

  private static void likeness(Html page, Compared compared) {
    ComparisonReport report = compared.report();
    if (report.words() != null) {
      page.raw("<h2>Likeness</h2><p>Words in common: similarity ");
      page.raw(number(report.words().similarity())).raw("; ");
      page.text(CompareText.noise(report.words())).raw(".</p>");
    }
    if (compared.semantic() != null) {
      page.raw("<p>Embeddings: similarity ").raw(number(compared.semantic().similarity()));
      page.raw("; ").text(CompareText.noise(compared.semantic())).raw(".</p>");
    }
    if (compared.judged() != null) {
      page.raw("<h2>Judge</h2><p>");
      page.text(CompareText.judgement(compared, compared.judged())).raw(".</p>");
    }
  }

  private static void splits(Html page, Compared compared) {
    if (compared.splits().isEmpty()) {
      return;
    }
    page.raw("<h2>Where nothing differs</h2><ul>");
    for (NullSplits each : compared.splits()) {
      page.raw("<li>").text(each.what()).raw(": something found in ");
      page.raw(String.valueOf(each.found()))
          .raw(" of ")
          .raw(String.valueOf(each.runs()))
          .raw("</li>");
    }
    page.raw("</ul>");
  }

  private static void examples(Html page, List<Example> examples) {
    if (examples.isEmpty()) {
      return;
    }
    page.raw("<h2>The most telling pairs</h2><p class='note'>Redacted and cut.</p>");
    for (Example each : examples) {
      page.raw("<article><h3>").text(each.id()).raw(": the candidate ");
      page.text(String.join("; ", each.reasons())).raw("</h3><p class='asked'>");
      page.text(each.prompt()).raw("</p><div class='two'><div><h4>control</h4><p>");
      page.text(each.control()).raw("</p></div><div><h4>candidate</h4><p>");
      page.text(each.candidate()).raw("</p></div></div></article>");
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
