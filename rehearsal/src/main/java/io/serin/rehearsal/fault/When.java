package io.serin.rehearsal.fault;

import io.serin.rollout.value.Quantities;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A moment of a rehearsal, written {@code 20s} (since the traffic began), {@code stage:25%} (when
 * the rollout enters that stage) or {@code stage:25%+2s}.
 *
 * @param stage name of the stage; null for the traffic
 * @param after how long after its beginning
 */
public record When(@Nullable String stage, Duration after) {

  private static final String STAGE = "stage:";

  /**
   * Reads one.
   *
   * @param setting for messages
   * @throws IllegalArgumentException names the setting, the value and the rule
   */
  public static When parse(String setting, String text) {
    if (!text.startsWith(STAGE)) {
      return new When(null, Quantities.duration(setting + ": TIME", text));
    }
    int plus = text.lastIndexOf('+');
    String stage = text.substring(STAGE.length(), plus < 0 ? text.length() : plus);
    if (stage.isEmpty()) {
      throw new IllegalArgumentException(
          setting + ": '" + text + "' must be stage:NAME[+TIME], such as stage:25%");
    }
    return new When(
        stage,
        plus < 0
            ? Duration.ZERO
            : Quantities.duration(setting + ": TIME", text.substring(plus + 1)));
  }

  @Override
  public String toString() {
    if (stage == null) {
      return Quantities.text(after);
    }
    return STAGE + stage + (after.isZero() ? "" : "+" + Quantities.text(after));
  }
}
