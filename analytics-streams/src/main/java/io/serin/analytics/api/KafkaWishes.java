package io.serin.analytics.api;

import io.serin.schemas.ActionRequest;
import io.serin.schemas.WantedRollout;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/**
 * Puts files and actions on serin.rollouts and serin.actions, and waits until they are durable.
 * Thread-safe.
 */
final class KafkaWishes implements Wishes {
  private static final long WAIT_MILLIS = 10_000;

  private final KafkaProducer<String, SpecificRecord> producer;

  KafkaWishes(KafkaConnection connection) {
    producer =
        connection.producer(
            Map.of(
                ProducerConfig.LINGER_MS_CONFIG,
                0,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                WAIT_MILLIS,
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                5_000,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                (int) WAIT_MILLIS));
  }

  @Override
  public void put(WantedRollout wanted) throws ApiError {
    send(Topics.ROLLOUTS.name(), wanted.getRollout(), wanted);
  }

  @Override
  public void put(ActionRequest action) throws ApiError {
    send(Topics.ACTIONS.name(), action.getRollout(), action);
  }

  private void send(String topic, String key, SpecificRecord value) throws ApiError {
    try {
      var unused =
          producer
              .send(new ProducerRecord<>(topic, key, value))
              .get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiError(503, "interrupted while waiting for Kafka");
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      throw new ApiError(
          503, "Kafka did not take it: " + e.getMessage() + "; nothing is known to have changed");
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
