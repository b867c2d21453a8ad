package io.serin.router.kafka;

import io.serin.router.ports.CommandTarget;
import io.serin.schemas.Command;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.serdes.SchemaRegistryException;
import io.serin.schemas.topics.Topics;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads serin.commands, all of it and then as it grows, on a thread of its own, and has each
 * rollout's newest command adopted. The highest revision wins, whatever comes late, twice or out of
 * order.
 *
 * <p>Fails towards what is known: without Kafka the commands that were stored last are served, an
 * active run's by control alone, since nobody can say that its candidate is still wanted; a record
 * that cannot be read is passed over.
 */
public final class CommandFollower implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(CommandFollower.class);

  /** How long a broker may hold a fetch back; it answers at once when a command is committed. */
  private static final int FETCH_WAIT_MILLIS = 500;

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration ASK = Duration.ofSeconds(1);
  private static final long BACKOFF_MILLIS = 250;

  private final Supplier<? extends Consumer<String, Command>> consumers;
  private final KnownCommands known;
  private final Duration patience;
  private final LongSupplier nanoTime;
  private final Thread thread;

  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final long startedNanos;
  private volatile Runnable onAdopted = () -> {};
  private final CountDownLatch stop = new CountDownLatch(1);
  private volatile @Nullable Consumer<String, Command> reading;
  private volatile boolean closing;
  private volatile boolean following;
  private boolean failing;

  /**
   * @param file where the last commands are kept
   * @param patience how long to try Kafka before serving by the file
   */
  public CommandFollower(
      KafkaConnection kafka, Path file, CommandTarget target, Duration patience) {
    this(() -> kafka.consumer(consumerConfig()), file, target, patience, System::nanoTime);
  }

  CommandFollower(
      Supplier<? extends Consumer<String, Command>> consumers,
      Path file,
      CommandTarget target,
      Duration patience,
      LongSupplier nanoTime) {
    this.consumers = consumers;
    this.known = new KnownCommands(file, target, () -> onAdopted.run());
    this.patience = patience;
    this.nanoTime = nanoTime;
    this.startedNanos = nanoTime.getAsLong();
    this.thread = Thread.ofPlatform().daemon().name("command-follower").unstarted(this::run);
  }

  /**
   * Runs after each completed adoption, on the thread that completed it: it must not block. Set
   * before start.
   */
  public void onAdopted(Runnable listener) {
    onAdopted = listener;
  }

  public void start() {
    thread.start();
  }

  /**
   * Completes when every command is adopted that was on the topic at the start, or that was stored,
   * where Kafka did not answer in time. Does not complete where there is neither.
   */
  public CompletableFuture<Void> ready() {
    return ready.copy();
  }

  /** The highest revision of each rollout that was adopted everywhere; a snapshot. */
  public Map<String, Long> adopted() {
    return known.adopted();
  }

  /** Whether the topic is being read at its end. */
  public boolean following() {
    return following;
  }

  @Override
  public void close() {
    closing = true;
    Consumer<String, Command> consumer = reading;
    if (consumer != null) {
      consumer.wakeup();
    }
    stop.countDown();
    try {
      if (!thread.join(Duration.ofSeconds(2))) {
        thread.interrupt(); // It waits for a registry, or for a target.
        thread.join(Duration.ofSeconds(3));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!closing) {
      Consumer<String, Command> consumer = null;
      try {
        consumer = consumers.get();
        reading = consumer;
        follow(consumer);
      } catch (WakeupException | InterruptException e) {
        // Only close wakes: the loop's condition knows.
      } catch (RuntimeException e) {
        failed(e);
        following = false;
        fallBack();
        pause();
      } finally {
        reading = null;
        if (consumer != null) {
          consumer.close(CloseOptions.timeout(ASK));
        }
      }
    }
  }

  private void follow(Consumer<String, Command> consumer) {
    List<TopicPartition> partitions = partitions(consumer);
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, ASK);
    Map<String, Command> read = new HashMap<>();
    while (!closing && !reached(consumer, ends)) {
      for (ConsumerRecord<String, Command> record : poll(consumer)) {
        Command command = record.value();
        if (command != null) {
          read.merge(
              command.getRollout(), command, (a, b) -> b.getRevision() >= a.getRevision() ? b : a);
        }
      }
      fallBack();
    }
    known.readWhole(read);
    becomeReady("kafka");
    following = true;
    failing = false;
    while (!closing) {
      for (ConsumerRecord<String, Command> record : poll(consumer)) {
        Command command = record.value();
        if (command != null) {
          known.read(List.of(command));
        }
      }
    }
  }

  private List<TopicPartition> partitions(Consumer<String, Command> consumer) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(Topics.COMMANDS.name(), ASK).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    if (partitions.isEmpty()) {
      throw new KafkaException(Topics.COMMANDS.name() + " does not exist yet");
    }
    return partitions;
  }

  private static boolean reached(
      Consumer<String, Command> consumer, Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey(), ASK) >= end.getValue());
  }

  private Iterable<ConsumerRecord<String, Command>> poll(Consumer<String, Command> consumer) {
    try {
      return consumer.poll(POLL);
    } catch (RecordDeserializationException e) {
      if (mayHeal(e)) {
        throw e;
      }
      LOG.atError()
          .addKeyValue("event", "command-unreadable")
          .addKeyValue("partition", e.topicPartition().toString())
          .addKeyValue("offset", e.offset())
          .addKeyValue("error", String.valueOf(e.getCause()))
          .log("a command cannot be read and is passed over");
      consumer.seek(e.topicPartition(), e.offset() + 1);
      return List.of();
    }
  }

  /** Whether the registry is to blame, and not the record. */
  private static boolean mayHeal(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SchemaRegistryException registry) {
        return registry.retriable();
      }
      if (cause instanceof IOException && !(cause instanceof EOFException)) {
        return true;
      }
      if (cause.getClass().getSimpleName().equals("RestClientException")) {
        return true; // Confluent's own client.
      }
    }
    return false;
  }

  /** Serves by the stored commands where Kafka did not answer in time. */
  private void fallBack() {
    if (ready.isDone() || nanoTime.getAsLong() - startedNanos < patience.toNanos()) {
      return;
    }
    if (known.readStored()) {
      becomeReady("disk");
    }
  }

  private void becomeReady(String source) {
    if (ready.complete(null)) {
      LOG.atInfo()
          .addKeyValue("event", "commands-ready")
          .addKeyValue("source", source)
          .addKeyValue("rollouts", known.size())
          .log("commands loaded");
    }
  }

  private void failed(@Nullable Throwable why) {
    if (!failing) {
      failing = true;
      LOG.atWarn()
          .addKeyValue("event", "commands-fail")
          .addKeyValue("error", String.valueOf(why))
          .log("commands cannot be read; what is known is served");
    }
  }

  private void pause() {
    try {
      if (stop.await(BACKOFF_MILLIS, TimeUnit.MILLISECONDS)) {
        closing = true;
      }
    } catch (InterruptedException e) {
      closing = true; // Only close interrupts.
    }
  }

  private static Map<String, Object> consumerConfig() {
    Map<String, Object> config = new HashMap<>();
    config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MILLIS);
    config.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
    config.put(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return config;
  }
}
