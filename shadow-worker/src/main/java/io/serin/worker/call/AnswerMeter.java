package io.serin.worker.call;

import io.serin.modelcalls.AttemptEnd;
import io.serin.modelcalls.Measuring;
import io.serin.openai.CompletionRequest;
import io.serin.openai.SseEvent;
import io.serin.openai.SseReader;
import io.serin.openai.answer.Answer;
import io.serin.openai.answer.AnswerReader;
import io.serin.schemas.Measurement;
import io.serin.schemas.Outcome;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Reads one answer to its end and measures it by the router's rules: a stream ends with its last
 * event, its time to first token is that of its first content; a body's is its first byte. Used
 * once, by one thread; blocks.
 */
final class AnswerMeter {
  /** How much of an error's body is read, to use its connection again. */
  private static final int ERROR_BODY_BYTES = 64 * 1024;

  private final CompletionRequest request;
  private final CallClock clock;
  private final Measuring measuring;
  private final SseReader events = new SseReader();
  private long bytes;
  private long ttftNanos = -1;
  private long reasoningNanos = -1;
  private long visibleNanos = -1;
  private long contentEvents;
  private boolean done;

  AnswerMeter(CompletionRequest request, CallClock clock, Measuring measuring) {
    this.request = request;
    this.clock = clock;
    this.measuring = measuring;
  }

  ModelAttempt read(HttpResponse<?> response, BodyPipe pipe) throws InterruptedException {
    int status = response.statusCode();
    boolean success = status / 100 == 2;
    String type = response.headers().firstValue("content-type").orElse(null);
    AnswerReader reader =
        (success ? AnswerReader.ofContentType(type) : AnswerReader.ofBody()).keepToolCalls();
    Outcome broken = take(reader, pipe, success);
    if (!success) {
      Outcome outcome = broken == null ? Outcome.HTTP_ERROR : broken;
      return ModelAttempt.ofStatus(measured(outcome, status, null), retryAfter(response));
    }
    // Half a body cannot be judged; half a stream can.
    Answer answer = broken == null || (reader.streamed() && bytes > 0) ? reader.finish() : null;
    Outcome outcome = broken;
    if (outcome == null) {
      outcome =
          answer == null
              ? Outcome.MALFORMED
              : AttemptEnd.outcome(answer, request.stream(), bytes == 0);
    }
    Answer whole = outcome == Outcome.OK ? answer : null;
    return new ModelAttempt(
        measured(outcome, status, answer),
        whole != null ? whole.text() : null,
        whole != null ? reader.toolCalls() : null,
        ModelAttempt.Kind.ANSWERED,
        Duration.ZERO);
  }

  /** How reading broke off; null if the answer came to its end. */
  private @Nullable Outcome take(AnswerReader reader, BodyPipe pipe, boolean success)
      throws InterruptedException {
    try {
      while (!done) {
        byte[] chunk = pipe.next(clock.untilNextByte(ttftNanos >= 0));
        if (chunk == null) {
          events.finish(event -> take(reader, event));
          return null;
        }
        bytes += chunk.length;
        if (success && reader.streamed()) {
          events.feed(chunk, event -> take(reader, event));
          continue;
        }
        if (ttftNanos < 0 && bytes > 0) {
          ttftNanos = clock.nanos();
        }
        if (success) {
          reader.feed(chunk);
        } else if (bytes > ERROR_BODY_BYTES) {
          return null;
        }
      }
      return null;
    } catch (TimeoutException e) {
      return Outcome.TIMEOUT;
    } catch (IOException e) {
      return Outcome.CUT;
    }
  }

  private void take(AnswerReader reader, SseEvent event) {
    if (done) {
      return;
    }
    reader.event(event);
    if (request.endpoint().ends(event)) {
      done = true;
    } else if (reader.hasContent() && event.hasData()) {
      contentEvents++;
      long now = clock.nanos();
      ttftNanos = ttftNanos < 0 ? now : ttftNanos;
      reasoningNanos = reasoningNanos < 0 && reader.hasReasoning() ? now : reasoningNanos;
      visibleNanos = visibleNanos < 0 && reader.hasVisibleContent() ? now : visibleNanos;
    }
  }

  private Measurement measured(Outcome outcome, int status, @Nullable Answer answer) {
    return measuring.of(
        new AttemptEnd(
            outcome,
            status,
            answer,
            new AttemptEnd.Times(ttftNanos, reasoningNanos, visibleNanos, clock.nanos()),
            bytes,
            contentEvents));
  }

  private static Duration retryAfter(HttpResponse<?> response) {
    String value = response.headers().firstValue("retry-after").orElse("");
    return value.matches("\\d{1,5}") ? Duration.ofSeconds(Long.parseLong(value)) : Duration.ZERO;
  }
}
