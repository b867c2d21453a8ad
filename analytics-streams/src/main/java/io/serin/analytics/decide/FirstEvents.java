package io.serin.analytics.decide;

import io.serin.analytics.policy.Sight;
import io.serin.analytics.policy.UnitHistory;
import io.serin.schemas.Observation;
import io.serin.schemas.RequestEvent;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes on the first events of each unit, keyed by rollout; remembers units in a persistent store.
 */
final class FirstEvents implements ProcessorSupplier<String, RequestEvent, String, Observation> {
  static final String STORE = "units";

  private static final Logger LOG = LoggerFactory.getLogger(FirstEvents.class);

  @Override
  public Set<StoreBuilder<?>> stores() {
    return Set.of(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray())
            .withCachingEnabled());
  }

  @Override
  public Processor<String, RequestEvent, String, Observation> get() {
    return new Processor<>() {
      private @Nullable ProcessorContext<String, Observation> context;
      private @Nullable KeyValueStore<String, byte[]> units;

      @Override
      public void init(ProcessorContext<String, Observation> context) {
        this.context = context;
        this.units = context.getStateStore(STORE);
      }

      @Override
      public void process(Record<String, RequestEvent> record) {
        if (context == null || units == null) {
          throw new IllegalStateException("not initialised");
        }
        RequestEvent event = record.value();
        Sight.End end = Observing.evidence(event);
        if (end == null) {
          return;
        }
        String key = event.getRollout() + "/" + event.getRun() + "/" + event.getUnit();
        byte[] kept = units.get(key);
        UnitHistory history = kept == null ? new UnitHistory() : UnitHistory.fromBytes(kept);
        Observation observation;
        try {
          observation = Observing.observe(history, event, end, record.timestamp()).orElse(null);
        } catch (IllegalArgumentException e) {
          LOG.atWarn()
              .addKeyValue("requestId", event.getRequestId())
              .addKeyValue("router", event.getRouter())
              .setCause(e)
              .log("request is no evidence: its split cannot be read");
          return;
        }
        units.put(key, history.toBytes());
        if (observation != null) {
          context.forward(record.withKey(event.getRollout()).withValue(observation));
        }
      }
    };
  }
}
