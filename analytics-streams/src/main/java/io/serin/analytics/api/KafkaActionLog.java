package io.serin.analytics.api;

import io.serin.schemas.ActionRequest;
import io.serin.schemas.WantedRollout;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Puts files and actions on serin.rollouts and serin.actions, and waits until they are durable. A
 * file and its audit go in one transaction; an action alone needs none, and does not wait for one.
 * Thread-safe.
 */
final class KafkaActionLog implements ActionLog {
  private static final int WAIT_MILLIS = 10_000;

  private final KafkaConnection connection;
  private final String transactionalId = "serin-control-" + UUID.randomUUID();
  private final KafkaProducer<String, SpecificRecord> actions;
  private @Nullable KafkaProducer<String, SpecificRecord> files;

  KafkaActionLog(KafkaConnection connection) {
    this.connection = connection;
    this.actions = connection.producer(settings());
  }

  private static Map<String, Object> settings() {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, WAIT_MILLIS);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, WAIT_MILLIS);
    return settings;
  }

  @Override
  public synchronized void put(WantedRollout wanted, ActionRequest audit) throws ApiError {
    try {
      KafkaProducer<String, SpecificRecord> producer = files();
      producer.beginTransaction();
      send(producer, Topics.ACTIONS.name(), audit.getRollout(), audit);
      send(producer, Topics.ROLLOUTS.name(), wanted.getRollout(), wanted);
      producer.commitTransaction();
    } catch (KafkaException e) {
      discard();
      throw refused(e);
    } catch (ApiError e) {
      discard(); // An unfinished transaction is aborted by the broker: neither is read.
      throw e;
    }
  }

  @Override
  public void put(ActionRequest action) throws ApiError {
    send(actions, Topics.ACTIONS.name(), action.getRollout(), action);
  }

  @Override
  public void delete(String rollout) throws ApiError {
    send(actions, Topics.ROLLOUTS.name(), rollout, null);
    send(actions, Topics.COMMANDS.name(), rollout, null);
  }

  private KafkaProducer<String, SpecificRecord> files() {
    KafkaProducer<String, SpecificRecord> producer = files;
    if (producer == null) {
      Map<String, Object> settings = settings();
      settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
      settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, WAIT_MILLIS);
      producer = connection.producer(settings);
      files = producer;
      producer.initTransactions();
    }
    return producer;
  }

  private void discard() {
    KafkaProducer<String, SpecificRecord> producer = files;
    files = null;
    if (producer != null) {
      producer.close(Duration.ZERO);
    }
  }

  private static void send(
      KafkaProducer<String, SpecificRecord> producer,
      String topic,
      String key,
      @Nullable SpecificRecord value)
      throws ApiError {
    try {
      var unused =
          producer
              .send(new ProducerRecord<>(topic, key, value))
              .get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiError(503, "interrupted while waiting for Kafka");
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      throw refused(e);
    }
  }

  private static ApiError refused(Exception e) {
    return new ApiError(
        503, "Kafka did not take it: " + e.getMessage() + "; nothing is known to have changed");
  }

  @Override
  public synchronized void close() {
    discard();
    actions.close(Duration.ofSeconds(5));
  }
}
