package io.serin.worker;

import io.serin.schemas.WorkerStatus;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells on serin.workers how lanes stand: what changed at once, what did not every ten seconds.
 * Best effort, since the next record says it all again. Confined to one thread.
 */
final class StatusTeller implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StatusTeller.class);
  private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);

  private record Told(WorkerStatus status, long atNanos) {}

  private final KafkaConnection connection;
  private final String worker;
  private final Map<String, Told> told = new HashMap<>();
  private @Nullable Producer<String, WorkerStatus> producer;

  StatusTeller(KafkaConnection connection, String worker) {
    this.connection = connection;
    this.worker = worker;
  }

  /** Tells how a lane stands, where that is news or due. */
  void tell(LaneId lane, WorkerStatus status) {
    String key = lane.key(worker);
    long now = System.nanoTime();
    Told last = told.get(key);
    if (last != null && now - last.atNanos() < AGAIN_NANOS && same(last.status(), status)) {
      return;
    }
    told.put(key, new Told(status, now));
    try {
      var unused =
          producer()
              .send(
                  new ProducerRecord<>(Topics.WORKERS.name(), key, status),
                  (sent, failure) -> unsent(failure));
    } catch (KafkaException e) {
      unsent(e);
    }
  }

  @Override
  public void close() {
    if (producer != null) {
      producer.close(Duration.ofSeconds(1));
    }
  }

  private Producer<String, WorkerStatus> producer() {
    Producer<String, WorkerStatus> made = producer;
    if (made == null) {
      made =
          connection.producer(
              Map.of(
                  ProducerConfig.CLIENT_ID_CONFIG, "serin-worker-status-" + worker,
                  ProducerConfig.MAX_BLOCK_MS_CONFIG, 2_000,
                  ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 10_000,
                  ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000));
      producer = made;
    }
    return made;
  }

  private static boolean same(WorkerStatus one, WorkerStatus other) {
    return WorkerStatus.newBuilder(one).setAt(other.getAt()).build().equals(other);
  }

  private static void unsent(@Nullable Exception failure) {
    if (failure != null) {
      LOG.atDebug()
          .addKeyValue("event", "status.unsent")
          .addKeyValue("cause", failure.toString())
          .log("the state of replays cannot be published now");
    }
  }
}
