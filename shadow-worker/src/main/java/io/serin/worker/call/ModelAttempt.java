package io.serin.worker.call;

import io.serin.openai.answer.ToolCall;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a model.
 *
 * @param text of a whole answer; else null
 * @param toolCalls of a whole answer; null where they are not known
 * @param retryAfter what the model asked to wait; 0 where it did not
 */
public record ModelAttempt(
    Measurement measurement,
    @Nullable String text,
    @Nullable List<ToolCall> toolCalls,
    Kind kind,
    Duration retryAfter) {

  public enum Kind {
    /**
     * An answer with a 2xx status, a 4xx, or a deadline that passed: asking again tells nothing
     * new.
     */
    ANSWERED,
    /** A 5xx. */
    FAILED,
    /** 429: we asked too fast. */
    LIMITED,
    /** The connection was lost before the first byte. */
    LOST;

    /** Whether the model itself gave this, so that it is what is measured. */
    public boolean graded() {
      return switch (this) {
        case ANSWERED, FAILED -> true;
        case LIMITED, LOST -> false;
      };
    }
  }

  /** An attempt that no status came for. */
  public static ModelAttempt without(Outcome outcome, long durationMicros) {
    return new ModelAttempt(
        Measurement.newBuilder().setOutcome(outcome).setDurationMicros(durationMicros).build(),
        null,
        null,
        outcome == Outcome.CONNECT_ERROR ? Kind.LOST : Kind.ANSWERED,
        Duration.ZERO);
  }

  /** An attempt that ended with a status that is not 2xx. */
  public static ModelAttempt ofStatus(Measurement measurement, Duration retryAfter) {
    Integer status = measurement.getStatus();
    Kind kind = Kind.ANSWERED;
    if (status != null && measurement.getOutcome() == Outcome.HTTP_ERROR) {
      kind = status == 429 ? Kind.LIMITED : status >= 500 ? Kind.FAILED : Kind.ANSWERED;
    }
    return new ModelAttempt(measurement, null, null, kind, retryAfter);
  }

  /** Without the text. */
  @Override
  public String toString() {
    return "ModelAttempt[kind=" + kind + ", outcome=" + measurement.getOutcome() + "]";
  }
}
