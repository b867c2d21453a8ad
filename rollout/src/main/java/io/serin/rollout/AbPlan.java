package io.serin.rollout;

import io.serin.rollout.value.InvalidField;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What an A/B test is about.
 *
 * @param primary the metric that stops the test
 * @param mde the smallest difference that the test is planned to see: points of probability for a
 *     rate, a ratio for the others (0.1 is 10 %)
 * @param level chance of a false decision of the primary, shared by the candidates
 */
public record AbPlan(Primary primary, double mde, double level) {
  public static final double DEFAULT_LEVEL = 0.05;

  /** Metrics that an A/B test compares, each on the unit's first request of the test. */
  public enum Primary {
    /** Share of units whose first request failed. */
    ERROR_RATE("error.rate", true),
    /** Share of units whose first answer refused. */
    REFUSAL_RATE("refusal.rate", true),
    /** Geometric mean of the latency, of answers that came. */
    LATENCY("latency", false),
    /** Geometric mean of completion tokens. */
    TOKENS("tokens", false);

    private final String text;
    private final boolean rate;

    Primary(String text, boolean rate) {
      this.text = text;
      this.rate = rate;
    }

    /** The name in files and verdicts. */
    public String text() {
      return text;
    }

    /** True for a share of units. */
    public boolean rate() {
      return rate;
    }

    static Primary parse(String field, String text) {
      return Arrays.stream(values())
          .filter(metric -> metric.text.equals(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new InvalidField(
                      field,
                      text,
                      "must be one of "
                          + Arrays.stream(values())
                              .map(Primary::text)
                              .collect(Collectors.joining(", "))));
    }
  }

  public AbPlan {
    if (!(mde > 0 && mde < (primary.rate() ? 1 : 10))) {
      throw new InvalidField(
          "mde", mde, "must be greater than 0 and less than " + (primary.rate() ? "100pp" : "10"));
    }
    if (!(level > 0 && level <= 0.5)) {
      throw new InvalidField("level", level, "must be greater than 0 and at most 0.5");
    }
  }
}
