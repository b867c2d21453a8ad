package io.serin.rollout;

import io.serin.rollout.value.InvalidField;
import java.util.Arrays;
import java.util.stream.Collectors;

/** How a candidate comes into traffic. */
public enum Strategy {
  /** It never does: it is tried offline on real requests. */
  SHADOW("shadow"),
  /** In stages, each larger than the one before. */
  CANARY("canary"),
  /** A fixed split that a primary metric stops. */
  AB("ab"),
  /** All at once, after a shadow stage; the old variant stays warm. */
  BLUE_GREEN("blue-green");

  private final String text;

  Strategy(String text) {
    this.text = text;
  }

  /** The name in files. */
  public String text() {
    return text;
  }

  static Strategy parse(String text) {
    return Arrays.stream(values())
        .filter(strategy -> strategy.text.equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidField(
                    "strategy",
                    text,
                    "must be one of "
                        + Arrays.stream(values())
                            .map(Strategy::text)
                            .collect(Collectors.joining(", "))));
  }
}
