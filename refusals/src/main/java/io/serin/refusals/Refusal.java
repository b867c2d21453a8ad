package io.serin.refusals;

/** What an answer does with what it was asked. */
public enum Refusal {
  /** It answers. */
  NONE(0),
  /** It declines a part, or declines and helps with something near. */
  PARTIAL(1),
  /** It declines. */
  FULL(2);

  private final int degree;

  Refusal(int degree) {
    this.degree = degree;
  }

  /** How much is declined: 0 for nothing, 1 for a part, 2 for all. */
  public int degree() {
    return degree;
  }
}
