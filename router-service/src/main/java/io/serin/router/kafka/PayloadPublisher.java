package io.serin.router.kafka;

import io.serin.schemas.CapturedPayload;
import io.serin.schemas.topics.Partitions;
import io.serin.schemas.topics.Topics;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends captured payloads, best effort, on a thread and with a producer of its own, so that they
 * never wait for events nor events for them. What is too large, or more than the queue holds, is
 * dropped and counted. {@link #offer} is thread-safe and never blocks.
 */
final class PayloadPublisher implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PayloadPublisher.class);
  private static final long RETRY_MILLIS = 1_000;

  private final Supplier<? extends Producer<String, CapturedPayload>> producers;
  private final Partitions partitions;
  private final int maxBytes;
  private final long maxQueuedBytes;
  private final ArrayBlockingQueue<CapturedPayload> queue;
  private final AtomicLong queuedBytes = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong published = new AtomicLong();
  private final Thread thread;
  private volatile boolean closing;
  private volatile boolean failing;

  /**
   * @param maxBytes largest payload, request and answer together
   * @param maxQueued payloads that wait
   * @param maxQueuedBytes bytes that wait
   */
  PayloadPublisher(
      Supplier<? extends Producer<String, CapturedPayload>> producers,
      Partitions partitions,
      int maxBytes,
      int maxQueued,
      long maxQueuedBytes) {
    this.producers = producers;
    this.partitions = partitions;
    this.maxBytes = maxBytes;
    this.maxQueuedBytes = maxQueuedBytes;
    this.queue = new ArrayBlockingQueue<>(maxQueued);
    this.thread = Thread.ofPlatform().daemon().name("payload-publisher").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  void offer(CapturedPayload payload) {
    long size = size(payload);
    if (closing || size > maxBytes || queuedBytes.get() + size > maxQueuedBytes) {
      dropped.incrementAndGet();
      return;
    }
    queuedBytes.addAndGet(size);
    if (!queue.offer(payload)) {
      queuedBytes.addAndGet(-size);
      dropped.incrementAndGet();
    }
  }

  long dropped() {
    return dropped.get();
  }

  long published() {
    return published.get();
  }

  @Override
  public void close() {
    closing = true;
    try {
      if (!thread.join(Duration.ofSeconds(1))) {
        thread.interrupt();
        thread.join(Duration.ofSeconds(2));
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!closing) {
      try (Producer<String, CapturedPayload> producer = producers.get()) {
        pump(producer);
      } catch (InterruptedException e) {
        return;
      } catch (KafkaException e) {
        failed(e);
        if (!sleep()) {
          return;
        }
      }
    }
  }

  private void pump(Producer<String, CapturedPayload> producer) throws InterruptedException {
    while (true) {
      CapturedPayload payload = queue.poll(100, TimeUnit.MILLISECONDS);
      if (payload == null) {
        if (closing) {
          return;
        }
        continue;
      }
      long size = size(payload);
      queuedBytes.addAndGet(-size);
      send(producer, payload);
    }
  }

  private void send(Producer<String, CapturedPayload> producer, CapturedPayload payload) {
    String unit = payload.getUnit();
    try {
      var record =
          new ProducerRecord<>(Topics.PAYLOADS.name(), partitions.ofUnit(unit), unit, payload);
      var unused = producer.send(record, (_, failure) -> completed(failure));
    } catch (KafkaException e) {
      completed(e);
      throw e;
    }
  }

  private void completed(@Nullable Exception failure) {
    if (failure == null) {
      published.incrementAndGet();
      failing = false;
    } else {
      dropped.incrementAndGet();
      failed(failure);
    }
  }

  private void failed(Exception failure) {
    if (!failing) {
      failing = true;
      LOG.atWarn()
          .addKeyValue("event", "payloads-fail")
          .addKeyValue("error", failure.toString())
          .log("captured payloads are dropped until Kafka takes them");
    }
  }

  private static boolean sleep() {
    try {
      Thread.sleep(RETRY_MILLIS);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private static long size(CapturedPayload payload) {
    String text = payload.getServedText();
    return (long) payload.getRequestBody().remaining() + (text == null ? 0 : text.length());
  }
}
