package io.serin.analytics.streams;

import io.serin.analytics.dedup.SequenceFilter;
import io.serin.schemas.EventId;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * Lets each event pass once, with a {@link SequenceFilter} in a persistent store of its own. To be
 * put straight behind the source: {@code requests.processValues(new
 * Deduplication<>("requests-seen", RequestEvent::getId), Named.as("requests-dedup"))}.
 */
public final class Deduplication<V> implements FixedKeyProcessorSupplier<String, V, V> {

  private final String store;
  private final Function<V, EventId> id;

  public Deduplication(String store, Function<V, EventId> id) {
    this.store = store;
    this.id = id;
  }

  @Override
  public Set<StoreBuilder<?>> stores() {
    return Set.of(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(store), Serdes.String(), Serdes.ByteArray())
            .withCachingEnabled());
  }

  @Override
  public FixedKeyProcessor<String, V, V> get() {
    return new ContextualFixedKeyProcessor<>() {
      private SequenceFilter filter;

      @Override
      @Initializer
      public void init(FixedKeyProcessorContext<String, V> context) {
        super.init(context);
        filter = new SequenceFilter(new StoreMarks(context.getStateStore(store)));
      }

      @Override
      public void process(FixedKeyRecord<String, V> record) {
        EventId event = id.apply(record.value());
        if (filter.firstTime(event.getIncarnation(), event.getPartition(), event.getSequence())) {
          context().forward(record);
        }
      }
    };
  }

  private record StoreMarks(KeyValueStore<String, byte[]> store) implements SequenceFilter.Marks {
    @Override
    public byte @Nullable [] get(String key) {
      return store.get(key);
    }

    @Override
    public void put(String key, byte[] window) {
      store.put(key, window);
    }
  }
}
