package io.serin.rollout;

import io.serin.rollout.ShadowReviewer.Similarity;
import io.serin.rollout.assignment.Split;
import io.serin.rollout.value.InvalidField;
import org.jspecify.annotations.Nullable;

/**
 * How requests are captured and replayed offline.
 *
 * @param sample share of units whose requests are captured, 0 … 10000 basis points
 * @param maxConcurrency pairs that are asked at the same time, over all workers, 1 … 1000
 * @param requestsPerSecond calls of candidates; 0 is without limit
 * @param controlReplay share of captured requests on which control is replayed too, 0 … 10000 basis
 *     points
 * @param noiseShare share of those on which control is asked twice, 0 … 10000 basis points
 * @param answers that each replayed side gives to a prompt, 1 … 10
 * @param force a JSON object merged into the body of both sides; null forces nothing
 * @param capture what of a request leaves the router
 * @param budget where replaying ends
 * @param examples whether texts of pairs that tell something are kept, for reports
 * @param similarity embeds answers, for likeness of meaning; null for none
 * @param judge says which of two answers is better; null for none
 */
public record Shadow(
    int sample,
    int maxConcurrency,
    double requestsPerSecond,
    int controlReplay,
    int noiseShare,
    int answers,
    @Nullable String force,
    ShadowCapture capture,
    ShadowBudget budget,
    boolean examples,
    @Nullable Similarity similarity,
    @Nullable ShadowReviewer judge) {
  /** What a shadow stage does where the file says no more. */
  public static final Shadow DEFAULT = new Shadow(Split.SLOTS, 8, 20, 2_500);

  /**
   * Keeps examples, without noise floor, further answers, forced parameters or limits; captures
   * payloads.
   */
  public Shadow(int sample, int maxConcurrency, double requestsPerSecond, int controlReplay) {
    this(
        sample,
        maxConcurrency,
        requestsPerSecond,
        controlReplay,
        0,
        1,
        null,
        ShadowCapture.DEFAULT,
        ShadowBudget.NONE,
        true,
        null,
        null);
  }

  public Shadow {
    if (maxConcurrency < 1 || maxConcurrency > 1_000) {
      throw new InvalidField("maxConcurrency", maxConcurrency, "must lie between 1 and 1000");
    }
    if (!(requestsPerSecond >= 0) || Double.isInfinite(requestsPerSecond)) {
      throw new InvalidField(
          "requestsPerSecond", requestsPerSecond, "must be 0 (no limit) or more");
    }
    if (answers < 1 || answers > 10) {
      throw new InvalidField("answers", answers, "must lie between 1 and 10");
    }
    if (noiseShare > 0 && controlReplay == 0) {
      throw new InvalidField(
          "noiseShare",
          noiseShare / 100.0 + "%",
          "needs controlReplay above 0: it is a share of the requests that control is replayed on");
    }
    if (similarity != null && noiseShare == 0) {
      throw new InvalidField(
          "similarity",
          similarity.model().model(),
          "needs noiseShare above 0: a difference in meaning is held against control's own");
    }
    if (judge != null && controlReplay == 0) {
      throw new InvalidField(
          "judge",
          judge.model(),
          "needs controlReplay above 0: it compares the candidate with replayed control");
    }
    if (capture.mode() == ShadowCapture.Mode.HASHES
        && (controlReplay > 0 || noiseShare > 0 || answers > 1 || force != null)) {
      throw new InvalidField(
          "capture",
          "hashes",
          "nothing can be replayed from hashes: leave controlReplay, noiseShare, answers and force"
              + " out");
    }
  }
}
