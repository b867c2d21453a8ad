package io.serin.schemas.tail;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Follows whole topics on a thread of its own, without a consumer group: from where a {@link
 * Source} says to the end, and then as they grow. Poison records are skipped and counted; an
 * unavailable registry or broker is waited for. After a lost connection it begins again where its
 * sources say, so handlers must be idempotent.
 */
public final class TopicTail<T extends SpecificRecord> implements AutoCloseable {

  /** Where reading begins. */
  public sealed interface From {
    /** The oldest record. */
    record Beginning() implements From {}

    /** The first record appended at or after an instant, asked for at each start. */
    record Since(Supplier<Instant> at) implements From {}

    /** The end as it is at the first start; later starts continue there. */
    record End() implements From {}
  }

  /** A topic and where to begin. */
  public record Source(String topic, From from) {}

  /** What is done with the records; called by the tail's thread only. */
  @FunctionalInterface
  public interface Handler<T> {

    /**
     * A record was read. Its value is never null.
     *
     * @throws RuntimeException to end the tail: {@link ReaderState.Dead}
     */
    void read(ConsumerRecord<String, T> record);

    /** A key of a compacted topic was deleted. */
    default void deleted(ConsumerRecord<String, T> tombstone) {}

    /** Reading begins, the first time or again. */
    default void begins() {}

    /** Everything that existed when reading began was read. */
    default void caughtUp() {}

    /** Runs after every poll and after every failure of Kafka. */
    default void idle() {}
  }

  /** An exception of the handler, kept apart from those of the consumer. */
  private static final class HandlerFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    HandlerFailure(RuntimeException cause) {
      super(cause);
    }

    @Override
    public String toString() {
      return String.valueOf(getCause());
    }
  }

  private static final Duration ASK = Duration.ofSeconds(2);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration CLOSE = Duration.ofSeconds(1);

  private final Supplier<? extends Consumer<String, T>> consumers;
  private final List<Source> sources;
  private final Handler<T> handler;
  private final ReaderThread thread;
  private final Map<TopicPartition, Long> resume = new HashMap<>();
  private final CountDownLatch caughtUp = new CountDownLatch(1);
  private volatile boolean following;

  /**
   * @param name of the thread
   * @param consumers makes a consumer for each connection; the tail closes it
   * @param pause after a failure of Kafka
   */
  public TopicTail(
      String name,
      Supplier<? extends Consumer<String, T>> consumers,
      List<Source> sources,
      Duration pause,
      Handler<T> handler) {
    this.consumers = consumers;
    this.sources = List.copyOf(sources);
    this.handler = handler;
    this.thread = new ReaderThread(name, pause, new Following());
  }

  /** Starts the thread. */
  public void start() {
    thread.start();
  }

  /** What the thread is doing. */
  public ReaderState state() {
    return thread.state();
  }

  /** Poison records skipped since the start. */
  public long skipped() {
    return thread.skipped();
  }

  /** Whether the end was reached once. */
  public boolean caughtUp() {
    return caughtUp.getCount() == 0;
  }

  /** Waits until the end was reached once; false after the bound. */
  public boolean awaitCaughtUp(Duration bound) throws InterruptedException {
    return caughtUp.await(bound.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Whether the topics are being read at their end now. */
  public boolean following() {
    return following && state() instanceof ReaderState.Reading;
  }

  @Override
  public void close() {
    thread.close();
  }

  private final class Following implements ReaderThread.Work {

    @Override
    public void run(ReaderThread running, RecordReader reader) {
      try (Connection<Consumer<String, T>> connection = new Connection<>(consumers.get())) {
        follow(running, reader, connection.consumer());
      } catch (KafkaException | HandlerFailure e) {
        throw e;
      } catch (RuntimeException e) {
        throw new KafkaException("the consumer failed: " + e, e);
      } finally {
        following = false;
      }
    }

    @Override
    public void failed(KafkaException failure) {
      handler.idle();
    }

    private void follow(ReaderThread running, RecordReader reader, Consumer<String, T> consumer) {
      Map<TopicPartition, Long> ends = assign(consumer);
      guarded(handler::begins);
      running.reading();
      while (!running.closing()) {
        for (ConsumerRecord<String, T> record : reader.poll(consumer, POLL)) {
          guarded(() -> handle(record));
          resume.computeIfPresent(
              new TopicPartition(record.topic(), record.partition()),
              (_, _) -> record.offset() + 1);
        }
        if (!following && RecordReader.reached(consumer, ends, ASK)) {
          guarded(handler::caughtUp);
          following = true;
          caughtUp.countDown();
        }
        guarded(handler::idle);
      }
    }

    private void handle(ConsumerRecord<String, T> record) {
      if (record.value() == null) {
        handler.deleted(record);
      } else {
        handler.read(record);
      }
    }
  }

  private static void guarded(Runnable callback) {
    try {
      callback.run();
    } catch (RuntimeException e) {
      throw new HandlerFailure(e);
    }
  }

  /** Assigns and positions; the ends as they are now. */
  private Map<TopicPartition, Long> assign(Consumer<String, T> consumer) {
    Map<TopicPartition, From> froms = new HashMap<>();
    for (Source source : sources) {
      RecordReader.partitions(consumer, List.of(source.topic()), ASK)
          .forEach(partition -> froms.put(partition, source.from()));
    }
    consumer.assign(froms.keySet());
    Map<TopicPartition, Long> ends = consumer.endOffsets(froms.keySet(), ASK);
    froms.forEach(
        (partition, from) -> {
          switch (from) {
            case From.Beginning() -> consumer.seekToBeginning(List.of(partition));
            case From.Since(var at) ->
                consumer.seek(partition, since(consumer, partition, at.get(), ends));
            case From.End() ->
                consumer.seek(
                    partition, resume.computeIfAbsent(partition, at -> ends.getOrDefault(at, 0L)));
          }
        });
    return ends;
  }

  private static long since(
      Consumer<?, ?> consumer,
      TopicPartition partition,
      Instant at,
      Map<TopicPartition, Long> ends) {
    var found = consumer.offsetsForTimes(Map.of(partition, at.toEpochMilli()), ASK).get(partition);
    return found == null ? ends.getOrDefault(partition, 0L) : found.offset();
  }

  private record Connection<C extends Consumer<?, ?>>(C consumer) implements AutoCloseable {
    @Override
    public void close() {
      consumer.close(CloseOptions.timeout(CLOSE));
    }
  }
}
