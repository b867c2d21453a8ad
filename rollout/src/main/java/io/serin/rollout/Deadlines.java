package io.serin.rollout;

import io.serin.rollout.value.InvalidField;
import java.time.Duration;

/**
 * How long one attempt may take: to connect, to its first byte, between two bytes, and as a whole.
 */
public record Deadlines(Duration connect, Duration firstByte, Duration idle, Duration total) {
  public static final Deadlines DEFAULT =
      new Deadlines(
          Duration.ofSeconds(2),
          Duration.ofSeconds(60), // an answer that is not streamed has its first byte at its end
          Duration.ofSeconds(30),
          Duration.ofMinutes(10));

  public Deadlines {
    check("connect", connect);
    check("firstByte", firstByte);
    check("idle", idle);
    check("total", total);
    if (firstByte.compareTo(total) > 0) {
      throw new InvalidField("firstByte", firstByte, "must not exceed total, " + total);
    }
  }

  private static void check(String field, Duration value) {
    if (value.toMillis() < 1 || value.compareTo(Duration.ofDays(1)) > 0) {
      throw new InvalidField(field, value, "must lie between 1ms and 1d");
    }
  }
}
