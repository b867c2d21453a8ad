package io.serin.analytics.measure;

import io.serin.schemas.Comparison;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.VariantMetrics;
import io.serin.schemas.connect.KafkaConnection;
import org.apache.kafka.common.serialization.Serde;

/** The serdes of what measure reads and writes. */
public record MeasureSerdes(
    Serde<RequestEvent> requests,
    Serde<FeedbackEvent> feedback,
    Serde<ShadowResult> shadowResults,
    Serde<Comparison> comparisons,
    Serde<VariantMetrics> metrics) {

  /** Those that the connection's settings name. */
  public static MeasureSerdes of(KafkaConnection connection) {
    return new MeasureSerdes(
        connection.serde(),
        connection.serde(),
        connection.serde(),
        connection.serde(),
        connection.serde());
  }
}
