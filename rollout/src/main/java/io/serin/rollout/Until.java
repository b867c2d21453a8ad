package io.serin.rollout;

import io.serin.rollout.value.InvalidField;

/** What a stage must show before the next one, besides having lasted for its {@code for}. */
public enum Until {
  /** Nothing more: the schedule alone, as long as no guard is at its signal level. */
  TIME("time"),
  /** The units that detect a threefold error rate at {@code power}. */
  DETECTION("detection"),
  /** The promotion gate: not worse than control by every guard's {@code notWorse}. */
  GATE("gate"),
  /** For a shadow stage: paired comparisons with control, replayed too, show it not worse. */
  PAIRS("pairs");

  private final String text;

  Until(String text) {
    this.text = text;
  }

  /** The word in files. */
  public String text() {
    return text;
  }

  static Until parse(String field, String text) {
    for (Until until : values()) {
      if (until.text.equals(text)) {
        return until;
      }
    }
    throw new InvalidField(field, text, "must be one of time, detection, gate, pairs");
  }
}
