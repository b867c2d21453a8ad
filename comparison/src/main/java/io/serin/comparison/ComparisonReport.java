package io.serin.comparison;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How two models differ.
 *
 * @param paired whether both answered the same questions; else two samples of different ones
 * @param control answers of control
 * @param candidate answers of the candidate
 * @param pairs questions with both
 * @param units they come from
 * @param metrics every metric that could be compared, over all pairs
 * @param segments every segment and metric that was tested, the worst found first
 * @param equal share of pairs with the very same text; null where answers are not paired
 * @param sameWords share with the same words
 * @param sameFinishReason share with the same finish reason; null where none has one
 * @param sameTools share of pairs with tool calls that call the same; null where none calls
 * @param sameArguments share of those with the same arguments; null where none calls the same
 * @param words how alike the words are, against control itself
 * @param examples the pairs that tell most
 */
public record ComparisonReport(
    boolean paired,
    ComparisonSettings settings,
    long control,
    long candidate,
    long pairs,
    long units,
    List<TestedMetric> metrics,
    List<TestedMetric> segments,
    @Nullable Double equal,
    @Nullable Double sameWords,
    @Nullable Double sameFinishReason,
    @Nullable Double sameTools,
    @Nullable Double sameArguments,
    @Nullable Floor words,
    List<Example> examples) {

  public ComparisonReport {
    metrics = List.copyOf(metrics);
    segments = List.copyOf(segments);
    examples = List.copyOf(examples);
  }

  /** Whether any difference is shown, over all pairs or in a segment. */
  public boolean anyFound() {
    return metrics.stream().anyMatch(TestedMetric::found)
        || segments.stream().anyMatch(TestedMetric::found);
  }
}
