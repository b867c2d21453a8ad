package io.serin.analytics.streams;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.serin.schemas.tail.Unreadable;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Faults of single records and rollouts: each is counted and logged once, and everything else
 * continues. Thread-safe.
 */
public final class Faults {
  /** Where Kafka Streams hands this object to its handlers. */
  static final String CONFIG = "serin.faults";

  private static final Logger LOG = LoggerFactory.getLogger(Faults.class);

  private final MeterRegistry meters;

  public Faults(MeterRegistry meters) {
    this.meters = meters;
  }

  /** A record that nothing can be made of was skipped. */
  public void skipped(String topic, int partition, long offset, Throwable why) {
    Counter.builder("serin.records.skipped")
        .description("Records that could not be read or acted on, and were skipped")
        .tag("topic", topic)
        .register(meters)
        .increment();
    LOG.atError()
        .addKeyValue("event", "record.skipped")
        .addKeyValue("topic", topic)
        .addKeyValue("partition", partition)
        .addKeyValue("offset", offset)
        .addKeyValue("cause", why.toString())
        .log("skipping unreadable record");
  }

  /**
   * What was remembered of a unit is in a form that this version cannot read: the unit counts as
   * new.
   *
   * @param unit ROLLOUT/RUN/UNIT
   */
  public void forgotten(String unit) {
    Counter.builder("serin.units.forgotten")
        .description("Units whose remembered state could not be read and that count as new")
        .register(meters)
        .increment();
    LOG.atWarn()
        .addKeyValue("event", "unit.forgotten")
        .addKeyValue("unit", unit)
        .log("unit counts as new; its remembered state cannot be read");
  }

  /** A step of a rollout's decider could not be finished. */
  public void failed(String rollout, Throwable why) {
    Counter.builder("serin.rollouts.failed")
        .description("Steps of a rollout's controller that could not be finished")
        .tag("rollout", rollout)
        .register(meters)
        .increment();
    LOG.atError()
        .addKeyValue("event", "rollout.failed")
        .addKeyValue("rollout", rollout)
        .setCause(why)
        .log("rollout failed; its units go to control");
  }

  /**
   * Whether a failure is the platform's (Kafka, its state stores, the registry) and no record's:
   * the work is to be repeated, and nothing skipped.
   */
  public static boolean ofPlatform(@Nullable Throwable failure) {
    if (unavailable(failure)) {
      return true;
    }
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof KafkaException && !(cause instanceof SerializationException)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the same bytes may be readable later. */
  public static boolean unavailable(@Nullable Throwable failure) {
    return Unreadable.of(failure) instanceof Unreadable.Unavailable;
  }
}
