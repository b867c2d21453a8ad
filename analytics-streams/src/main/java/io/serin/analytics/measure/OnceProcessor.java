package io.serin.analytics.measure;

import io.serin.analytics.dedup.SequenceFilter;
import io.serin.schemas.EventId;
import java.util.function.Function;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets each event pass once, however often its router published it. Each topic has marks of its
 * own: a sequence may be shared by topics, and what another topic holds is a hole in this one that
 * never fills.
 */
final class OnceProcessor<V> implements FixedKeyProcessor<String, V, V> {
  private static final Logger LOG = LoggerFactory.getLogger(OnceProcessor.class);

  private final String store;
  private final Function<V, EventId> id;
  private @Nullable SequenceFilter filter;
  private @Nullable FixedKeyProcessorContext<String, V> context;

  OnceProcessor(String store, Function<V, EventId> id) {
    this.store = store;
    this.id = id;
  }

  @Override
  public void init(FixedKeyProcessorContext<String, V> context) {
    this.context = context;
    KeyValueStore<String, byte[]> seen = context.getStateStore(store);
    this.filter =
        new SequenceFilter(
            new SequenceFilter.Marks() {
              @Override
              public byte @Nullable [] get(String key) {
                return seen.get(key);
              }

              @Override
              public void put(String key, byte[] window) {
                seen.put(key, window);
              }
            });
  }

  @Override
  public void process(FixedKeyRecord<String, V> record) {
    if (filter == null || context == null) {
      throw new IllegalStateException("init() was not called");
    }
    EventId event = id.apply(record.value());
    if (event.getSequence() < 0) {
      LOG.atWarn()
          .addKeyValue("event", "event.without.sequence")
          .addKeyValue("incarnation", event.getIncarnation())
          .addKeyValue("partition", event.getPartition())
          .log("left out: an event must carry a sequence of 0 or greater");
      return;
    }
    if (filter.firstTime(event.getIncarnation(), event.getPartition(), event.getSequence())) {
      context.forward(record);
    }
  }
}
