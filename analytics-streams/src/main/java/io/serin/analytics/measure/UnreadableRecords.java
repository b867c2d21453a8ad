package io.serin.analytics.measure;

import io.serin.schemas.tail.Unreadable;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the rule of {@link Unreadable} inside Kafka Streams: a poison record is logged and
 * skipped. The serdes have already waited for an unavailable registry; beyond their patience the
 * thread fails and the same record is read again.
 */
public final class UnreadableRecords implements DeserializationExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(UnreadableRecords.class);

  @Override
  public void configure(Map<String, ?> configs) {}

  @Override
  public Response handleError(
      ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception failure) {
    return switch (Unreadable.of(failure)) {
      case Unreadable.Unavailable _ -> Response.fail();
      case Unreadable.Poison(String why) -> {
        LOG.atError()
            .addKeyValue("event", "record.skipped")
            .addKeyValue("topic", record.topic())
            .addKeyValue("partition", record.partition())
            .addKeyValue("offset", record.offset())
            .addKeyValue("cause", why)
            .log("skipping unreadable record");
        yield Response.resume();
      }
    };
  }
}
