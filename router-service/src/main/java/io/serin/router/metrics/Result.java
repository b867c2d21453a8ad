package io.serin.router.metrics;

import io.serin.openai.answer.Answer;
import io.serin.schemas.Measurement;
import java.util.Locale;

/** What became of one attempt, in one word for a counter: the record says more. */
public enum Result {
  OK,
  /** Whole, but stopped at its limit of tokens. */
  TRUNCATED,
  /** Whole, and a full refusal. */
  REFUSED,
  EMPTY,
  CANCELLED,
  TIMED_OUT,
  HTTP_ERROR,
  CONNECT_ERROR,
  CUT,
  MALFORMED;

  public static Result of(Measurement measurement) {
    return switch (measurement.getOutcome()) {
      case OK -> {
        if (Boolean.TRUE.equals(measurement.getRefusal())) {
          yield REFUSED;
        }
        String finish = measurement.getFinishReason();
        yield finish != null && Answer.isLimit(finish) ? TRUNCATED : OK;
      }
      case EMPTY -> EMPTY;
      case CANCELLED -> CANCELLED;
      case TIMEOUT -> TIMED_OUT;
      case HTTP_ERROR -> HTTP_ERROR;
      case CUT -> CUT;
      case MALFORMED -> MALFORMED;
      case CONNECT_ERROR, REJECTED, ROUTER_DIED, UNKNOWN -> CONNECT_ERROR;
    };
  }

  /** As metrics spell it. */
  public String tag() {
    return name().toLowerCase(Locale.ROOT);
  }
}
