package io.serin.router.capture;

import io.serin.schemas.CapturedPayload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Redacts captured payloads on a thread of its own and hands them on. Best effort: where more
 * arrive than can be redacted, they are dropped and counted, and no request waits. What cannot be
 * redacted is dropped too. Thread-safe.
 */
public final class PayloadCapture implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PayloadCapture.class);

  private final Consumer<CapturedPayload> next;
  private final Redaction redaction = new Redaction();
  private final AtomicLong dropped = new AtomicLong();
  private final ThreadPoolExecutor executor;

  /**
   * @param next takes redacted payloads, on this class's thread
   * @param queue how many payloads may wait, at least 1
   */
  public PayloadCapture(Consumer<CapturedPayload> next, int queue) {
    this.next = next;
    this.executor =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(queue),
            Thread.ofPlatform().name("serin-capture").daemon().factory());
  }

  /** Takes a payload, whose buffers must not change any more. Never blocks. */
  public void submit(CapturedPayload payload) {
    try {
      executor.execute(() -> redactAndHandOn(payload));
    } catch (RejectedExecutionException e) {
      dropped.incrementAndGet();
    }
  }

  /** Payloads dropped since the start. */
  public long dropped() {
    return dropped.get();
  }

  /** Payloads that wait. */
  public int waiting() {
    return executor.getQueue().size();
  }

  /** Waits up to five seconds for what waits. */
  @Override
  public void close() {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(5, TimeUnit.SECONDS)) {
        dropped.addAndGet(executor.shutdownNow().size());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void redactAndHandOn(CapturedPayload payload) {
    try {
      payload.setRequestBody(
          ByteBuffer.wrap(redaction.redactJson(payload.getRequestBody().array())));
      String text = payload.getServedText();
      payload.setServedText(text == null ? null : redaction.redact(text));
      next.accept(payload);
    } catch (IOException | RuntimeException e) {
      dropped.incrementAndGet();
      LOG.atWarn()
          .addKeyValue("reason", e.getClass().getSimpleName())
          .addKeyValue("event", "payload-dropped")
          .log("payload dropped, it cannot be redacted");
    }
  }
}
