package io.serin.openai;

/** What an answer does with what it was asked. */
public enum Refusal {
  /** It answers. */
  NONE,
  /** It declines a part, or declines and helps with something near. */
  PARTIAL,
  /** It declines. */
  FULL
}
