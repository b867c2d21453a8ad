package io.serin.analytics.measure;

import io.serin.schemas.serdes.SchemaRegistryException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to a record that cannot be read. Bytes that are no record of ours are logged and
 * left out: they would stop everyone for ever. Where the registry could not be asked, the thread
 * fails and tries the same record again: nothing is lost because a registry was away.
 */
public final class UnreadableRecords implements DeserializationExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(UnreadableRecords.class);

  @Override
  public void configure(Map<String, ?> configs) {}

  @Override
  public Response handleError(
      ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception failure) {
    if (mayPass(failure)) {
      return Response.fail();
    }
    LOG.atError()
        .addKeyValue("event", "record.unreadable")
        .addKeyValue("topic", record.topic())
        .addKeyValue("partition", record.partition())
        .addKeyValue("offset", record.offset())
        .addKeyValue("cause", failure.toString())
        .log("left out: the record is none that Serin wrote");
    return Response.resume();
  }

  /** Whether the same bytes may be readable later. */
  static boolean mayPass(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SchemaRegistryException registry) {
        return registry.retriable();
      }
      if (cause instanceof SocketException
          || cause instanceof UnknownHostException
          || cause instanceof HttpTimeoutException
          || cause instanceof ClosedChannelException
          || cause instanceof java.net.SocketTimeoutException
          || cause.getClass().getSimpleName().equals("RestClientException")) {
        return true;
      }
    }
    return false;
  }
}
