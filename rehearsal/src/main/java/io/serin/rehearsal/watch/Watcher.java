package io.serin.rehearsal.watch;

import io.serin.rehearsal.report.Sightings;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topic;
import io.serin.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what Serin's topics tell from the moment it is made, committed records only, on a thread of
 * its own, and keeps what is told of the rollouts that are watched. A broker or registry that is
 * away is waited for.
 */
public final class Watcher implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Watcher.class);
  private static final List<Topic> WATCHED =
      List.of(
          Topics.REQUESTS,
          Topics.METRICS,
          Topics.VERDICTS,
          Topics.COMMANDS,
          Topics.ACKS,
          Topics.EVENTS,
          Topics.INPUTS);

  private final Map<String, Sightings> watched = new ConcurrentHashMap<>();
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Deserializer<SpecificRecord> values;
  private final Thread thread;
  private volatile boolean closed;

  private Watcher(KafkaConsumer<byte[], byte[]> consumer, Deserializer<SpecificRecord> values) {
    this.consumer = consumer;
    this.values = values;
    this.thread =
        Thread.ofPlatform().daemon().name("serin-rehearsal-watcher").unstarted(this::watch);
  }

  /**
   * Finds the ends of the topics and reads on from there.
   *
   * @param bound how long to wait for topics that do not exist yet
   * @throws IllegalStateException where a topic does not exist within the bound
   */
  public static Watcher start(KafkaConnection connection, Duration bound)
      throws InterruptedException {
    Map<String, Object> config = connection.clientConfig();
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    try {
      List<TopicPartition> partitions = partitions(consumer, bound);
      consumer.assign(partitions);
      consumer.seekToEnd(partitions);
      partitions.forEach(consumer::position);
    } catch (RuntimeException | InterruptedException e) {
      consumer.close();
      throw e;
    }
    Watcher watcher = new Watcher(consumer, connection.deserializer());
    watcher.thread.start();
    return watcher;
  }

  /** From now on what is told of a rollout is kept there. */
  public void watch(String rollout, Sightings sightings) {
    watched.put(rollout, sightings);
  }

  /** A rollout is watched no more. */
  public void forget(String rollout) {
    watched.remove(rollout);
  }

  private static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, Duration bound)
      throws InterruptedException {
    long end = System.nanoTime() + bound.toNanos();
    while (true) {
      List<TopicPartition> found = new ArrayList<>();
      List<String> missing = new ArrayList<>();
      Map<String, List<PartitionInfo>> existing = consumer.listTopics();
      for (Topic topic : WATCHED) {
        List<PartitionInfo> infos = existing.get(topic.name());
        if (infos == null) {
          missing.add(topic.name());
        } else {
          infos.forEach(info -> found.add(new TopicPartition(info.topic(), info.partition())));
        }
      }
      if (missing.isEmpty()) {
        return found;
      }
      if (System.nanoTime() > end) {
        throw new IllegalStateException("these topics do not exist: " + String.join(", ", missing));
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private void watch() {
    try {
      while (!closed) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          take(record);
        }
      }
    } catch (WakeupException e) {
      LOG.atDebug().log("watcher stops");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      consumer.close();
      values.close();
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
    if (record.value() == null) {
      return;
    }
    boolean told = false;
    while (!closed) {
      try {
        SpecificRecord value = values.deserialize(record.topic(), record.headers(), record.value());
        tell(value, Instant.ofEpochMilli(record.timestamp()));
        return;
      } catch (RuntimeException e) {
        if (!told) {
          LOG.atWarn()
              .addKeyValue("topic", record.topic())
              .addKeyValue("partition", record.partition())
              .addKeyValue("offset", record.offset())
              .setCause(e)
              .log("record not readable yet");
          told = true;
        }
        TimeUnit.MILLISECONDS.sleep(200);
      }
    }
  }

  private void tell(SpecificRecord value, Instant appendedAt) {
    Optional<String> only = SeenRecords.rollout(value);
    watched.forEach(
        (rollout, sightings) -> {
          if (only.isEmpty() || only.get().equals(rollout)) {
            SeenRecords.of(value, appendedAt, rollout).ifPresent(sightings::add);
          }
        });
  }

  @Override
  public void close() {
    closed = true;
    consumer.wakeup();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
