package io.serin.rollout;

import io.serin.rollout.value.InvalidField;
import java.time.Duration;

/**
 * What follows where a served candidate gives no evidence: none arrives, or all that arrives is
 * old. Whatever is chosen, missing data never advances a stage.
 *
 * @param after how long without, 10 s … 7 d
 */
public record MissingData(Duration after, Then then) {
  public static final MissingData DEFAULT = new MissingData(Duration.ofMinutes(10), Then.HOLD);

  /** What is done. */
  public enum Then {
    /** Tell people, and stay in the stage. */
    HOLD,
    /** Pause: a person resumes. */
    PAUSE,
    /** Take the candidate out. */
    ROLLBACK;

    static Then parse(String field, String text) {
      return switch (text) {
        case "hold" -> HOLD;
        case "pause" -> PAUSE;
        case "rollback" -> ROLLBACK;
        default -> throw new InvalidField(field, text, "must be one of hold, pause, rollback");
      };
    }
  }

  public MissingData {
    if (after.compareTo(Duration.ofSeconds(10)) < 0 || after.compareTo(Duration.ofDays(7)) > 0) {
      throw new InvalidField("after", after, "must lie between 10s and 7d");
    }
  }
}
