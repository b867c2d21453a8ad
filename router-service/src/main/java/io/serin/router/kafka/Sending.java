package io.serin.router.kafka;

import io.serin.schemas.topics.Partitions;
import org.apache.avro.AvroRuntimeException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;

/** What decides whether an event can be sent: now, later, or never. */
final class Sending {

  private Sending() {}

  /**
   * Under another count of partitions, events would go where their unit's other records are not.
   *
   * @throws KafkaException with the fix, where a topic has another count than the setting says;
   *     events wait in the journal until it is corrected
   */
  static void checkPartitions(Producer<?, ?> producer, Partitions partitions) {
    for (RecordKind kind : RecordKind.values()) {
      int found = producer.partitionsFor(kind.topic.name()).size();
      if (found > 0 && found != partitions.unit()) {
        throw new KafkaException(
            kind.topic.name()
                + " has "
                + found
                + " partitions, --unit-partitions says "
                + partitions.unit()
                + "; restart with --unit-partitions "
                + found);
      }
    }
  }

  /** Whether no retry can help. */
  static boolean hopeless(Throwable failure) {
    if (failure instanceof RecordTooLargeException || failure instanceof InvalidRecordException) {
      return true;
    }
    if (failure instanceof SerializationException) {
      for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
        if (cause instanceof AvroRuntimeException
            || cause instanceof NullPointerException
            || cause instanceof ClassCastException) {
          return true;
        }
      }
    }
    return false;
  }
}
