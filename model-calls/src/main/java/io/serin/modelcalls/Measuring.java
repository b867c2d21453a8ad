package io.serin.modelcalls;

import io.serin.openai.answer.Answer;
import io.serin.openai.answer.Usage;
import io.serin.refusals.Refusal;
import io.serin.refusals.RefusalDetector;
import io.serin.schemas.Measurement;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Turns the end of an attempt into its measurement, the same for live and replayed requests.
 * Thread-safe.
 */
public final class Measuring {
  /** Longest name that is kept of what an answer says of its server, in characters. */
  private static final int MAX_NAME = 128;

  private final RefusalDetector refusals = new RefusalDetector();

  /**
   * The attempt as records hold it. A refusal is judged in whatever was read of an answer, failed
   * or not.
   */
  public Measurement of(AttemptEnd end) {
    Measurement measurement = new Measurement();
    measurement.setOutcome(end.outcome());
    measurement.setStatus(end.status());
    measurement.setTtftMicros(micros(end.times().ttft()));
    measurement.setReasoningTtftMicros(micros(end.times().reasoning()));
    measurement.setVisibleTtftMicros(micros(end.times().visible()));
    measurement.setDurationMicros(TimeUnit.NANOSECONDS.toMicros(end.durationNanos()));
    measurement.setResponseBytes(end.responseBytes());
    Answer answer = end.answer();
    if (answer != null) {
      Usage usage = answer.usage();
      measurement.setPromptTokens(usage.prompt());
      measurement.setCompletionTokens(completionTokens(end, usage));
      measurement.setReasoningTokens(usage.reasoning());
      measurement.setCachedTokens(usage.cached());
      measurement.setFinishReason(answer.finishReason());
      measurement.setServedModel(shortened(answer.model()));
      measurement.setSystemFingerprint(shortened(answer.systemFingerprint()));
      Refusal refusal = refusal(answer);
      measurement.setRefusal(refusal == null ? null : refusal == Refusal.FULL);
    }
    return measurement;
  }

  private static @Nullable Long micros(long nanos) {
    return nanos < 0 ? null : TimeUnit.NANOSECONDS.toMicros(nanos);
  }

  private static @Nullable String shortened(@Nullable String name) {
    return name == null || name.length() <= MAX_NAME ? name : name.substring(0, MAX_NAME);
  }

  /** Null when there is no answer to judge: an error, or bytes that are not an answer. */
  private @Nullable Refusal refusal(Answer answer) {
    return answer.error() != null || answer.malformed() != null
        ? null
        : refusals.judge(
            answer.refusal() != null, answer.finishReason(), answer.toolCalls(), answer.text());
  }

  /** An unfinished stream has not reported its usage: its events so far are its tokens so far. */
  private static @Nullable Long completionTokens(AttemptEnd end, Usage usage) {
    if (usage.completion() != null || end.contentEvents() == 0) {
      return usage.completion();
    }
    return switch (end.outcome()) {
      case CANCELLED, CUT, TIMEOUT -> end.contentEvents();
      case OK, HTTP_ERROR, CONNECT_ERROR, EMPTY, MALFORMED, REJECTED, ROUTER_DIED, UNKNOWN -> null;
    };
  }
}
