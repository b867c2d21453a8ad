package io.serin.statistics.sequential;

/**
 * Ratings of one stratum in one window, by label and outcome: the whole state of a {@link
 * FeedbackProcess} is a list of these.
 *
 * @param window number of the event-time window of the rated requests
 * @param candidateBad units of the candidate whose rating is bad, 0 … candidateRated
 * @param candidateRated units of the candidate that rated
 * @param controlBad units of control whose rating is bad, 0 … controlRated
 * @param controlRated units of control that rated
 */
public record FeedbackCounts(
    long window,
    Stratum stratum,
    long candidateBad,
    long candidateRated,
    long controlBad,
    long controlRated) {
  public FeedbackCounts {
    if (!(candidateBad >= 0
        && candidateBad <= candidateRated
        && controlBad >= 0
        && controlBad <= controlRated)) {
      throw new IllegalArgumentException(
          "counts: 0 <= bad <= rated is required, not "
              + candidateBad
              + "/"
              + candidateRated
              + " and "
              + controlBad
              + "/"
              + controlRated);
    }
  }
}
