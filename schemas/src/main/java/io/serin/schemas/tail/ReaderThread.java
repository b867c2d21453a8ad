package io.serin.schemas.tail;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A daemon thread that reads from Kafka until it is closed. A failure of Kafka starts the work anew
 * after a pause. Any other exception ends the thread, and {@link #state} reports it: readiness must
 * include {@link ReaderState#trouble}.
 */
public final class ReaderThread implements AutoCloseable {

  /** What the thread does. */
  @FunctionalInterface
  public interface Work {

    /**
     * Makes its consumers, polls them through the reader until the thread closes, and releases
     * them.
     *
     * @throws KafkaException to be started anew
     * @throws InterruptedException to end
     */
    void run(ReaderThread thread, RecordReader reader) throws InterruptedException;

    /** Runs on the thread after each failure of Kafka, before the pause. Must not throw. */
    default void failed(KafkaException failure) {}
  }

  private static final Logger LOG = LoggerFactory.getLogger(ReaderThread.class);
  private static final Duration GRACE = Duration.ofSeconds(2);
  private static final Duration BOUND = Duration.ofSeconds(3);
  private static final long SAY_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Work work;
  private final Duration pause;
  private final RecordReader reader = new RecordReader();
  private final Thread thread;
  private volatile ReaderState state = new ReaderState.Starting();
  private volatile boolean closing;
  private @Nullable Long saidNanos;

  /**
   * @param name of the thread, and of the reader in logs
   * @param pause after a failure of Kafka
   */
  public ReaderThread(String name, Duration pause, Work work) {
    this.work = work;
    this.pause = pause;
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::loop);
  }

  /** Starts the thread; the topics may still be missing. */
  public void start() {
    thread.start();
  }

  /** What the thread is doing. */
  public ReaderState state() {
    ReaderState now = state;
    String waitingFor = reader.waitingFor();
    return now instanceof ReaderState.Reading && waitingFor != null
        ? new ReaderState.Waiting(waitingFor)
        : now;
  }

  /** The name in logs and in readiness. */
  public String name() {
    return thread.getName();
  }

  /** Poison records skipped since the start. */
  public long skipped() {
    return reader.skipped();
  }

  /** Whether the work should release its consumers and return. */
  public boolean closing() {
    return closing;
  }

  /** For the work: polling has begun, after a start or a failure. */
  public void reading() {
    if (!(state instanceof ReaderState.Reading)) {
      state = new ReaderState.Reading();
    }
  }

  private void loop() {
    try {
      while (!closing) {
        once();
      }
      state = new ReaderState.Closed();
    } catch (InterruptedException e) {
      state = new ReaderState.Closed();
    } catch (RuntimeException | Error e) {
      state = new ReaderState.Dead(e.toString());
      LOG.atError()
          .addKeyValue("event", "reader.died")
          .addKeyValue("reader", name())
          .setCause(e)
          .log("a reader of Kafka has died; readiness reports it");
    }
  }

  private void once() throws InterruptedException {
    try {
      work.run(this, reader);
    } catch (KafkaException e) {
      if (closing || Thread.interrupted()) {
        throw new InterruptedException("closed");
      }
      state = new ReaderState.Waiting(e.toString());
      say(e);
      work.failed(e);
      reader.pause(pause.toMillis());
    }
  }

  private void say(KafkaException failure) {
    long now = System.nanoTime();
    if (saidNanos == null || now - saidNanos > SAY_EVERY_NANOS) {
      saidNanos = now;
      LOG.atWarn()
          .addKeyValue("event", "reader.waiting")
          .addKeyValue("reader", name())
          .addKeyValue("cause", failure.toString())
          .log("Kafka cannot be read; retrying");
    }
  }

  /** Stops within about 5 s. Idempotent; safe from any thread. */
  @Override
  public void close() {
    closing = true;
    reader.stop();
    if (thread.getState() == Thread.State.NEW) {
      return; // Closed before it was started: Kafka never answered, say.
    }
    try {
      if (!thread.join(GRACE)) {
        thread.interrupt();
        thread.join(BOUND);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
