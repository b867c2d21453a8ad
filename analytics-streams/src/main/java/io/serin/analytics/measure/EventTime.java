package io.serin.analytics.measure;

import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.RequestEvent;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * Event time: the smaller of the record's own time (an attempt's end, a feedback's arrival) and its
 * append time, so that a fast clock closes nobody's window.
 */
public final class EventTime implements TimestampExtractor {
  @Override
  public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
    long own =
        switch (record.value()) {
          case RequestEvent event -> event.getEndedAt().toEpochMilli();
          case FeedbackEvent event -> event.getReceivedAt().toEpochMilli();
          case null, default -> record.timestamp();
        };
    return Math.max(0, Math.min(own, record.timestamp()));
  }
}
