package io.serin.cli.compare;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.comparison.ComparisonReport;
import io.serin.comparison.Estimate;
import io.serin.comparison.Floor;
import io.serin.comparison.NullSplits;
import io.serin.comparison.TestedMetric;
import io.serin.comparison.review.Judged;
import io.serin.schemas.json.JsonText;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Pure: a comparison as one JSON object. Names are stable; absent is left out. */
public final class CompareJson {
  private CompareJson() {}

  static String of(Compared compared) {
    ObjectNode root = JsonText.object();
    add(compared, root);
    return JsonText.line(root);
  }

  /** Adds the comparison's fields to an object that may have others. */
  public static void add(Compared compared, ObjectNode root) {
    ComparisonReport report = compared.report();
    root.put("control", compared.control()).put("candidate", compared.candidate());
    root.put("paired", report.paired());
    root.put("pairs", report.pairs()).put("units", report.units());
    root.put("controlAnswers", report.control() + compared.onlyControl());
    root.put("candidateAnswers", report.candidate() + compared.onlyCandidate());
    root.put("alpha", report.settings().alpha());
    root.put("anyFound", report.anyFound());
    share(root, "equal", report.equal());
    share(root, "sameWords", report.sameWords());
    share(root, "sameFinishReason", report.sameFinishReason());
    share(root, "sameTools", report.sameTools());
    share(root, "sameArguments", report.sameArguments());
    findings(root.putArray("metrics"), report.metrics());
    findings(root.putArray("segments"), report.segments());
    floor(root, "words", report.words());
    floor(root, "embeddings", compared.semantic());
    judged(root, compared);
    ArrayNode splits = root.putArray("splits");
    for (NullSplits each : compared.splits()) {
      splits
          .addObject()
          .put("what", each.what())
          .put("runs", each.runs())
          .put("found", each.found())
          .put("rate", each.rate());
    }
    root.set("examples", JsonText.tree(report.examples()));
  }

  private static void findings(ArrayNode array, List<TestedMetric> findings) {
    for (TestedMetric finding : findings) {
      Estimate e = finding.estimate();
      ObjectNode node = array.addObject();
      if (finding.segment() != null) {
        node.put("segment", finding.segment());
      }
      node.put("metric", e.metric().id());
      node.put("kind", e.metric().kind().name().toLowerCase(Locale.ROOT));
      node.put("verdict", finding.verdict().name().toLowerCase(Locale.ROOT).replace('_', '-'));
      node.put("pairs", e.pairs()).put("units", e.units());
      node.put("control", e.control()).put("candidate", e.candidate());
      node.put("effect", e.effect()).put("low", e.low()).put("high", e.high());
      if (e.candidateOnly() != null) {
        node.put("candidateOnly", e.candidateOnly()).put("controlOnly", e.controlOnly());
      }
      node.put("p", e.p()).put("adjustedP", finding.adjusted());
    }
  }

  private static void floor(ObjectNode root, String name, @Nullable Floor floor) {
    if (floor == null) {
      return;
    }
    ObjectNode node = root.putObject(name);
    node.put("pairs", floor.pairs()).put("similarity", floor.similarity());
    node.put("controlTwice", floor.twice());
    share(node, "controlWithItself", floor.noise());
    share(node, "below", floor.below());
    share(node, "low", floor.low());
    share(node, "high", floor.high());
    share(node, "p", floor.p());
  }

  private static void judged(ObjectNode root, Compared compared) {
    Judged judged = compared.judged();
    if (judged == null) {
      return;
    }
    ObjectNode node = root.putObject("judge");
    node.put("prompt", judged.prompt()).put("pairs", judged.pairs());
    node.put("wins", judged.wins()).put("losses", judged.losses()).put("ties", judged.ties());
    node.put("swayedByOrder", judged.swayed()).put("unreadable", judged.unreadable());
    node.put("agreement", judged.agreement()).put("p", judged.p());
    node.put("promptTokens", judged.promptTokens());
    node.put("completionTokens", judged.completionTokens());
    share(node, "cost", compared.judgeCost());
  }

  private static void share(ObjectNode node, String name, @Nullable Double value) {
    if (value != null) {
      node.put(name, value);
    }
  }
}
