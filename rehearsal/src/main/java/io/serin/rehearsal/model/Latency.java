package io.serin.rehearsal.model;

import io.serin.rollout.value.Quantities;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long a model takes to its first byte. */
public sealed interface Latency {

  /** The grammar, for messages and help. */
  String GRAMMAR = "fixed:TIME or lognormal:MEDIAN,SIGMA, such as lognormal:300ms,0.5";

  /** Always the same. */
  record Fixed(Duration time) implements Latency {}

  /**
   * Lognormal with this median; sigma is of the natural logarithm, 0 to 3. Capped at 20 medians.
   */
  record Lognormal(Duration median, double sigma) implements Latency {
    public Lognormal {
      if (!(sigma >= 0 && sigma <= 3)) {
        throw new IllegalArgumentException("latency: SIGMA " + sigma + " must be from 0 to 3");
      }
    }
  }

  /**
   * Reads a distribution.
   *
   * @throws IllegalArgumentException names the value and the rule
   */
  static Latency parse(String text) {
    int colon = text.indexOf(':');
    String kind = colon < 0 ? text : text.substring(0, colon);
    String rest = colon < 0 ? "" : text.substring(colon + 1);
    int comma = rest.indexOf(',');
    if (kind.equals("fixed") && comma < 0) {
      return new Fixed(Quantities.duration("latency '" + text + "': TIME", rest));
    }
    if (kind.equals("lognormal") && comma > 0) {
      return new Lognormal(
          Quantities.duration("latency '" + text + "': MEDIAN", rest.substring(0, comma)),
          Quantities.atLeast("latency '" + text + "': SIGMA", rest.substring(comma + 1), 0));
    }
    throw new IllegalArgumentException("latency '" + text + "' must be " + GRAMMAR);
  }

  /** What about 98 of 100 answers do not exceed. */
  default Duration usualMost() {
    return switch (this) {
      case Fixed(Duration time) -> time;
      case Lognormal(Duration median, double sigma) ->
          Duration.ofNanos(Math.round(median.toNanos() * Math.min(20, Math.exp(2 * sigma))));
    };
  }

  /** Draws one latency, in nanoseconds. Draws as often for either kind. */
  default long sampleNanos(RandomGenerator random) {
    double z = random.nextGaussian();
    return switch (this) {
      case Fixed(Duration time) -> time.toNanos();
      case Lognormal(Duration median, double sigma) ->
          Math.round(median.toNanos() * Math.min(20, Math.exp(sigma * z)));
    };
  }
}
