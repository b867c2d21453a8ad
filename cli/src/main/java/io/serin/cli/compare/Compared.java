package io.serin.cli.compare;

import io.serin.comparison.ComparisonReport;
import io.serin.comparison.Floor;
import io.serin.comparison.NullSplits;
import io.serin.comparison.PairDifference;
import io.serin.comparison.review.Judged;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a comparison gave, for every form it is told in.
 *
 * @param source where the answers come from, as one line; empty where the names say it
 * @param control name of control's file
 * @param candidate name of the candidate's
 * @param onlyControl answers of control without a partner; 0 where answers are not paired
 * @param onlyCandidate answers of the candidate without one
 * @param differences the pairs, for plots; empty where answers are not paired
 * @param semantic likeness of embeddings; null where no endpoint was given
 * @param judged null where no judge was given
 * @param judgeCost in the currency of --judge-price; null where no price was given
 */
public record Compared(
    String source,
    String control,
    String candidate,
    ComparisonReport report,
    int onlyControl,
    int onlyCandidate,
    List<PairDifference> differences,
    @Nullable Floor semantic,
    @Nullable Judged judged,
    @Nullable Double judgeCost,
    List<NullSplits> splits) {
  public Compared {
    differences = List.copyOf(differences);
    splits = List.copyOf(splits);
  }
}
