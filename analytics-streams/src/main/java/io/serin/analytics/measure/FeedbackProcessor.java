package io.serin.analytics.measure;

import io.serin.analytics.streams.Initializer;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.Why;
import java.time.Duration;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.WindowStoreIterator;
import org.jspecify.annotations.Nullable;

/**
 * An upsert by (request, kind): the first feedback counts in the window it came in, a later one
 * replaces its value there. Feedback without a value is not a number to sum and passes nothing on,
 * nor does feedback on what a tester's token chose.
 */
final class FeedbackProcessor
    extends ContextualFixedKeyProcessor<String, FeedbackEvent, Contribution> {
  private final String storeName;
  private final Duration keep;
  private WindowStore<String, MeasureState.Feedback> store;

  FeedbackProcessor(String storeName, Duration keep) {
    this.storeName = storeName;
    this.keep = keep;
  }

  @Override
  @Initializer
  public void init(FixedKeyProcessorContext<String, Contribution> context) {
    super.init(context);
    this.store = context.getStateStore(storeName);
  }

  @Override
  public void process(FixedKeyRecord<String, FeedbackEvent> record) {
    FeedbackEvent event = record.value();
    Double value = event.getValue();
    if (value == null || !Double.isFinite(value) || event.getWhy() == Why.OVERRIDE) {
      return;
    }
    long receivedAt = event.getReceivedAt().toEpochMilli();
    String key = event.getKind() + "/" + event.getRequestId();
    Kept kept = kept(store, key, record.timestamp());
    if (kept != null && kept.feedback().receivedAt() > receivedAt) {
      return;
    }
    WindowKey window =
        kept == null ? Contributions.key(event, record.timestamp()) : kept.feedback().key();
    Double earlier = kept == null ? null : kept.feedback().value();
    store.put(
        key,
        new MeasureState.Feedback(value, receivedAt, window),
        kept == null ? record.timestamp() : kept.firstAt());
    context().forward(record.withValue(Contributions.of(window, value, earlier)));
  }

  private record Kept(long firstAt, MeasureState.Feedback feedback) {}

  private @Nullable Kept kept(
      WindowStore<String, MeasureState.Feedback> store, String key, long now) {
    // Both sides of now: the second may carry the earlier time.
    long span = keep.toMillis();
    try (WindowStoreIterator<MeasureState.Feedback> found =
        store.fetch(key, Math.max(0, now - span), now + span)) {
      if (!found.hasNext()) {
        return null;
      }
      var entry = found.next();
      return entry.value == null ? null : new Kept(entry.key, entry.value);
    }
  }
}
