package io.serin.schemas.connect;

import io.serin.schemas.tail.Unreadable;
import java.time.Duration;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * For Kafka Streams, whose threads have no other place to wait: retries a record while the registry
 * is unavailable, for less than max.poll.interval.ms (5 min), and throws after that.
 */
final class PatientDeserializer<T extends SpecificRecord> implements Deserializer<T> {

  private static final Logger LOG = LoggerFactory.getLogger(PatientDeserializer.class);
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final long PAUSE_MILLIS = 500;
  private static final long SAY_EVERY_NANOS = Duration.ofMinutes(1).toNanos();

  private final Deserializer<T> inner;

  PatientDeserializer(Deserializer<T> inner) {
    this.inner = inner;
  }

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    inner.configure(configs, isKey);
  }

  @Override
  public @Nullable T deserialize(String topic, byte @Nullable [] data) {
    long since = System.nanoTime();
    long said = since - SAY_EVERY_NANOS;
    while (true) {
      try {
        return inner.deserialize(topic, data);
      } catch (InterruptException e) {
        throw e;
      } catch (RuntimeException e) {
        long now = System.nanoTime();
        if (!(Unreadable.of(e) instanceof Unreadable.Unavailable(String why))
            || now - since > PATIENCE.toNanos()) {
          throw e;
        }
        if (now - said >= SAY_EVERY_NANOS) {
          said = now;
          LOG.atWarn()
              .addKeyValue("event", "records.waiting")
              .addKeyValue("topic", topic)
              .addKeyValue("cause", why)
              .log("waiting for the schema registry; no record is skipped");
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  @Override
  public void close() {
    inner.close();
  }
}
