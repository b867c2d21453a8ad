package io.serin.worker;

import io.serin.schemas.Command;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads serin.commands from its beginning and then as it grows, into a {@link CommandTable}. Starts
 * over with a new consumer after a failure: reading a command twice is harmless. Runs on a thread
 * of its own until interrupted.
 */
final class CommandFollower implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(CommandFollower.class);
  private static final Duration POLL = Duration.ofMillis(200);

  private final String topic;
  private final Supplier<Consumer<String, Command>> consumers;
  private final CommandTable table;
  private final Duration pauseAfterFailure;
  private final CountDownLatch caughtUp = new CountDownLatch(1);

  CommandFollower(
      String topic,
      Supplier<Consumer<String, Command>> consumers,
      CommandTable table,
      Duration pauseAfterFailure) {
    this.topic = topic;
    this.consumers = consumers;
    this.table = table;
    this.pauseAfterFailure = pauseAfterFailure;
  }

  /** Waits until every command that was there at the start is known; false after the bound. */
  boolean awaitCaughtUp(Duration bound) throws InterruptedException {
    return caughtUp.await(bound.toMillis(), TimeUnit.MILLISECONDS);
  }

  boolean caughtUp() {
    return caughtUp.getCount() == 0;
  }

  @Override
  public void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try (Consumer<String, Command> consumer = consumers.get()) {
        follow(consumer);
      } catch (InterruptException | WakeupException e) {
        return;
      } catch (RuntimeException e) {
        LOG.atWarn()
            .addKeyValue("event", "commands.unreadable")
            .addKeyValue("topic", topic)
            .addKeyValue("cause", e.toString())
            .log("commands cannot be read now; trying again");
        try {
          Thread.sleep(pauseAfterFailure);
        } catch (InterruptedException interrupted) {
          return;
        }
      }
    }
  }

  private void follow(Consumer<String, Command> consumer) {
    List<PartitionInfo> found = consumer.partitionsFor(topic);
    List<TopicPartition> partitions =
        found.stream().map(each -> new TopicPartition(topic, each.partition())).toList();
    if (partitions.isEmpty()) {
      throw new IllegalStateException("topic " + topic + " has no partitions: it must exist");
    }
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    while (!Thread.currentThread().isInterrupted()) {
      for (ConsumerRecord<String, Command> record : consumer.poll(POLL)) {
        if (record.value() != null) {
          table.offer(record.value());
        }
      }
      if (!caughtUp()
          && ends.entrySet().stream()
              .allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
        caughtUp.countDown();
      }
    }
  }
}
