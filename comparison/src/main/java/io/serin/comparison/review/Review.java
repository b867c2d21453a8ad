package io.serin.comparison.review;

import org.jspecify.annotations.Nullable;

/**
 * What further models found in a pair: likeness of meaning by embeddings, and a judge's word.
 *
 * @param likeness of control's answer and the candidate's, a cosine; null where not embedded
 * @param noise of control's answer and control's when asked again; null where it was not
 * @param atLeast likeness below which an answer is of another meaning
 * @param better null where nobody judged
 */
public record Review(
    @Nullable Double likeness,
    @Nullable Double noise,
    double atLeast,
    Judgement.@Nullable Better better) {
  /** Nothing was found out. */
  public static final Review NONE = new Review(null, null, 0, null);

  /**
   * Whether a side's answer means something else than control's: the candidate's, or control's own
   * when asked again. Null where either is not known: what differs is held against control's own
   * noise or not at all.
   */
  public @Nullable Boolean otherMeaning(boolean ofCandidate) {
    if (likeness == null || noise == null) {
      return null;
    }
    return (ofCandidate ? likeness : noise) < atLeast;
  }

  /** Whether the judge finds the other side's answer better; null where it says nothing. */
  public @Nullable Boolean judgedWorse(boolean ofCandidate) {
    if (better == null || better == Judgement.Better.UNREADABLE) {
      return null;
    }
    return better == (ofCandidate ? Judgement.Better.CONTROL : Judgement.Better.CANDIDATE);
  }

  /** The same with the sides changed; meaning has none to change: control alone was asked twice. */
  public Review swapped() {
    return new Review(null, null, atLeast, better == null ? null : better.turned());
  }
}
