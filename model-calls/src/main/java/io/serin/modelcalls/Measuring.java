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
  private final RefusalDetector refusals = new RefusalDetector();

  /**
   * The attempt as records hold it. A refusal is judged in whatever was read of an answer, failed
   * or not.
   */
  public Measurement of(AttemptEnd end) {
    Measurement measurement = new Measurement();
    measurement.setOutcome(end.outcome());
    measurement.setStatus(end.status());
    measurement.setTtftMicros(
        end.ttftNanos() < 0 ? null : TimeUnit.NANOSECONDS.toMicros(end.ttftNanos()));
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
      Refusal refusal = refusal(answer);
      measurement.setRefusal(refusal == null ? null : refusal == Refusal.FULL);
    }
    return measurement;
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
