package io.serin.comparison;

import io.serin.comparison.answer.Answered;
import io.serin.comparison.answer.Pair;
import io.serin.comparison.answer.ToolCall;
import io.serin.refusals.Refusal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the pairs that tell most: a change that a user would notice counts more than a longer
 * answer, and the tenth refusal tells less than the first broken JSON.
 */
final class Examples {
  private static final int PROMPT = 240;

  /** The signed ids of requests hold the names of rollout and variants. */
  private static final int LONGEST_ID = 1_000;

  private static final int ANSWER = 420;
  private static final String NOT_KEPT = "[text not kept]";

  /** How much a reason that was already shown loses each time. */
  private static final double FADE = 0.6;

  private record Reason(String kind, String text, double weight) {}

  private record Scored(PairDifference difference, List<Reason> reasons) {}

  private Examples() {}

  static boolean isTelling(PairDifference difference) {
    // A text shows nothing of the time that it took.
    return reasons(difference).stream()
        .anyMatch(reason -> !reason.kind().startsWith(ComparedMetric.LATENCY.id()));
  }

  static List<Example> of(List<PairDifference> differences, int most) {
    List<Scored> scored = new ArrayList<>();
    for (PairDifference each : differences) {
      List<Reason> reasons = reasons(each);
      if (!reasons.isEmpty()) {
        scored.add(new Scored(each, reasons));
      }
    }
    List<Example> chosen = new ArrayList<>();
    Map<String, Integer> shown = new HashMap<>();
    while (chosen.size() < most && !scored.isEmpty()) {
      Scored best = scored.getFirst();
      for (Scored each : scored) {
        if (score(each, shown) > score(best, shown)) {
          best = each;
        }
      }
      scored.remove(best);
      shown.merge(best.reasons().getFirst().kind(), 1, Integer::sum);
      chosen.add(example(best));
    }
    return chosen;
  }

  private static double score(Scored pair, Map<String, Integer> shown) {
    double score = 0;
    for (Reason reason : pair.reasons()) {
      score += reason.weight() * Math.pow(FADE, shown.getOrDefault(reason.kind(), 0));
    }
    return score;
  }

  private static Example example(Scored scored) {
    Pair pair = scored.difference().pair();
    return new Example(
        Excerpt.identifier(pair.question().id(), LONGEST_ID),
        scored.reasons().stream().map(Reason::text).toList(),
        pair.question().text().isEmpty() ? NOT_KEPT : Excerpt.of(pair.question().text(), PROMPT),
        text(pair.control()),
        text(pair.candidate()));
  }

  private static String text(Answered answer) {
    String tools =
        answer.toolCalls().isEmpty()
            ? ""
            : "[calls "
                + String.join(", ", answer.toolCalls().stream().map(ToolCall::name).toList())
                + "] ";
    String text = answer.text();
    return switch (answer.outcome()) {
      case FAILED -> "[failed]";
      case EMPTY -> "[empty]";
      case ANSWERED ->
          text != null ? tools + Excerpt.of(text, ANSWER) : tools.isEmpty() ? NOT_KEPT : tools;
    };
  }

  private static List<Reason> reasons(PairDifference each) {
    List<Reason> reasons = new ArrayList<>();
    event(
        reasons,
        each,
        ComparedMetric.FAILED,
        10,
        "fails where control answers",
        "answers where control fails");
    event(
        reasons,
        each,
        ComparedMetric.EMPTY,
        9,
        "is empty where control is not",
        "answers where control is empty");
    refusal(reasons, each);
    event(
        reasons,
        each,
        ComparedMetric.JSON_BROKEN,
        9,
        "breaks the JSON",
        "keeps the JSON that control breaks");
    event(
        reasons,
        each,
        ComparedMetric.SCHEMA_BROKEN,
        9,
        "breaks the schema",
        "keeps the schema that control breaks");
    event(
        reasons,
        each,
        ComparedMetric.TOOL_MISSING,
        9,
        "calls no tool where control does",
        "calls a tool where control does not");
    event(
        reasons,
        each,
        ComparedMetric.OTHER_LANGUAGE,
        7,
        "leaves the language",
        "keeps the language that control leaves");
    event(
        reasons,
        each,
        ComparedMetric.JUDGED_WORSE,
        6,
        "is the worse answer, says the judge",
        "is the better answer, says the judge");
    event(
        reasons,
        each,
        ComparedMetric.OTHER_MEANING,
        4,
        "means something else",
        "keeps the meaning that control itself changes");
    event(
        reasons,
        each,
        ComparedMetric.CUT_SHORT,
        5,
        "is cut short",
        "is whole where control is cut short");
    event(
        reasons,
        each,
        ComparedMetric.FENCE_OPEN,
        5,
        "leaves a code block open",
        "closes the code block that control leaves open");
    if (Boolean.FALSE.equals(each.sameTools()) && each.candidate().toolCalls() > 0) {
      reasons.add(new Reason("tools", "calls other tools", 6));
    } else if (Boolean.FALSE.equals(each.sameArguments())) {
      reasons.add(new Reason("arguments", "calls a tool with other arguments", 4));
    }
    ratio(reasons, each, ComparedMetric.LENGTH, "is %.1f times as long");
    ratio(reasons, each, ComparedMetric.LATENCY, "takes %.1f times as long to answer");
    if (each.similarity() != null && each.similarity() < 0.1) {
      reasons.add(
          new Reason(
              "similarity",
              String.format(Locale.ROOT, "has other words (similarity %.2f)", each.similarity()),
              1.0));
    }
    reasons.sort(Comparator.comparingDouble(Reason::weight).reversed());
    return reasons;
  }

  private static void refusal(List<Reason> reasons, PairDifference each) {
    Refusal control = each.control().refusal();
    Refusal candidate = each.candidate().refusal();
    if (control == null || candidate == null || control == candidate) {
      return;
    }
    if (candidate == Refusal.FULL) {
      reasons.add(new Reason("refused", "refuses where control does not", 10));
    } else if (control == Refusal.FULL) {
      reasons.add(new Reason("control-refused", "answers where control refuses", 8));
    } else {
      boolean more = candidate == Refusal.PARTIAL;
      reasons.add(
          new Reason(
              "partly",
              more
                  ? "refuses a part where control does not"
                  : "answers where control refuses a part",
              4));
    }
  }

  private static void event(
      List<Reason> reasons,
      PairDifference each,
      ComparedMetric metric,
      double weight,
      String worse,
      String better) {
    Boolean control = each.event(metric, false);
    Boolean candidate = each.event(metric, true);
    if (control != null && candidate != null && !control.equals(candidate)) {
      reasons.add(
          candidate
              ? new Reason(metric.id(), worse, weight)
              : new Reason("control-" + metric.id(), better, weight - 3));
    }
  }

  private static void ratio(
      List<Reason> reasons, PairDifference each, ComparedMetric metric, String words) {
    @Nullable Double control = each.value(metric, false);
    @Nullable Double candidate = each.value(metric, true);
    if (control == null || candidate == null) {
      return;
    }
    double log = Math.log(candidate / control);
    if (Math.abs(log) > Math.log(2)) {
      reasons.add(
          new Reason(
              metric.id() + (log > 0 ? "-more" : "-less"),
              String.format(Locale.ROOT, words, Math.exp(log)),
              Math.min(4, 1.5 * Math.abs(log))));
    }
  }
}
