package io.serin.analytics.streams;

import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * What Kafka Streams does with a record that cannot be read or acted on: it is counted and skipped.
 * Where Kafka or the registry is to blame the thread fails and reads the same record again, so that
 * no evidence is lost while one of them is unavailable.
 */
public final class SkipRecord
    implements DeserializationExceptionHandler, ProcessingExceptionHandler {
  private @Nullable Faults faults;

  @Override
  public void configure(Map<String, ?> configs) {
    faults = configs.get(Faults.CONFIG) instanceof Faults given ? given : null;
  }

  @Override
  public DeserializationExceptionHandler.Response handleError(
      ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception failure) {
    if (Faults.unavailable(failure)) {
      return DeserializationExceptionHandler.Response.fail();
    }
    skipped(record.topic(), record.partition(), record.offset(), failure);
    return DeserializationExceptionHandler.Response.resume();
  }

  @Override
  public ProcessingExceptionHandler.Response handleError(
      ErrorHandlerContext context, Record<?, ?> record, Exception failure) {
    if (Faults.ofPlatform(failure)) {
      return ProcessingExceptionHandler.Response.fail();
    }
    // A punctuation has no record of its own.
    skipped(
        context.topic() == null ? context.processorNodeId() : context.topic(),
        context.partition(),
        context.offset(),
        failure);
    return ProcessingExceptionHandler.Response.resume();
  }

  private void skipped(String topic, int partition, long offset, Exception failure) {
    Faults known = faults;
    if (known != null) {
      known.skipped(topic, partition, offset, failure);
    }
  }
}
