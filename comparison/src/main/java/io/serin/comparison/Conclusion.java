package io.serin.comparison;

/** What the evidence says of one metric. */
public enum Conclusion {
  /** The candidate has more of what is bad. */
  WORSE,
  /** The candidate has less of what is bad. */
  BETTER,
  /** It has more or less of what is neither good nor bad by itself. */
  DIFFERENT,
  /** No difference is shown: which does not show that there is none. */
  NOT_SHOWN;

  static Conclusion of(Estimate estimate, boolean found) {
    if (!found) {
      return NOT_SHOWN;
    }
    if (!estimate.metric().moreIsWorse()) {
      return DIFFERENT;
    }
    return estimate.more() > 0 ? WORSE : BETTER;
  }
}
