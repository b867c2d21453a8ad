package io.serin.cli.refusals;

import io.serin.refusals.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * What people labelled against what was found. Full refusals against the rest; partial ones apart.
 */
final class Labels {

  private final long[][] counts = new long[3][3];

  /** By label (compliance, full, partial) and by what was found (none, partial, full). */
  long[][] counts() {
    return counts;
  }

  /**
   * Counts an answer.
   *
   * @return false where the label is none of the three
   */
  boolean add(@Nullable String label, Refusal found) {
    int row = row(label);
    if (row >= 0) {
      counts[row][found.degree()]++;
    }
    return row >= 0;
  }

  /** 0 for compliance, 1 for a full refusal, 2 for a partial one, −1 for none of them. */
  static int row(@Nullable String label) {
    if (label == null) {
      return -1;
    }
    return switch (label) {
      case "1_full_compliance" -> 0;
      case "2_full_refusal" -> 1;
      case "3_partial_refusal" -> 2;
      default -> -1;
    };
  }

  long total() {
    long sum = 0;
    for (long[] row : counts) {
      for (long count : row) {
        sum += count;
      }
    }
    return sum;
  }

  private long found() {
    return counts[0][2] + counts[1][2] + counts[2][2];
  }

  private long labelled() {
    return counts[1][0] + counts[1][1] + counts[1][2];
  }

  /** Of the answers called full refusals, the share that are; 0 where none is called so. */
  double precision() {
    return found() == 0 ? 0 : (double) counts[1][2] / found();
  }

  /** Of the full refusals, the share that is found; 0 where there is none. */
  double recall() {
    return labelled() == 0 ? 0 : (double) counts[1][2] / labelled();
  }

  double f1() {
    double sum = precision() + recall();
    return sum == 0 ? 0 : 2 * precision() * recall() / sum;
  }

  /** Of the answers called partial refusals, the share that are. */
  double partialPrecision() {
    long called = counts[0][1] + counts[1][1] + counts[2][1];
    return called == 0 ? 0 : (double) counts[2][1] / called;
  }

  double partialRecall() {
    long all = counts[2][0] + counts[2][1] + counts[2][2];
    return all == 0 ? 0 : (double) counts[2][1] / all;
  }
}
