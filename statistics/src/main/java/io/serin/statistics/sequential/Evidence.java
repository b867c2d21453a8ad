package io.serin.statistics.sequential;

/** How far observations that are near in time count as independent. */
public sealed interface Evidence {
  /** Windows of ten seconds in a minute. */
  int MINUTE = 6;

  /**
   * Units are independent: each observation counts in full, at once.
   *
   * @param expected pooled rate before there is a history; NaN to wait for one
   */
  record Units(double expected) implements Evidence {}

  /** Units are independent, and nothing is bet before there is a history. */
  static Evidence units() {
    return new Units(Double.NaN);
  }

  /**
   * Blocks of time are independent, units within one need not be: {@link BlockWealth}.
   *
   * @param windows length of a block at first, in windows, ≥ 1
   * @param expected pooled rate before there is a history; NaN to wait for one
   */
  record Blocks(int windows, double expected) implements Evidence {
    public Blocks {
      if (windows < 1) {
        throw new IllegalArgumentException("windows: at least 1 is required, not " + windows);
      }
    }
  }

  /**
   * Nothing is independent; but the usual trouble of a server reaches at most so large a share of
   * requests: {@link GrossWealth}.
   *
   * @param usual that share, in (0, 1); a minute of control that is worse raises it
   * @param expected pooled rate before there is a history; NaN to wait for one
   */
  record Gross(double usual, double expected) implements Evidence {
    public Gross {
      if (!(usual > 0 && usual < 1)) {
        throw new IllegalArgumentException("usual: must lie in (0, 1), not " + usual);
      }
    }
  }

  /** The pooled rate that is expected before there is a history; NaN if none is. */
  default double prior() {
    return switch (this) {
      case Units units -> units.expected;
      case Blocks blocks -> blocks.expected;
      case Gross gross -> gross.expected;
    };
  }
}
