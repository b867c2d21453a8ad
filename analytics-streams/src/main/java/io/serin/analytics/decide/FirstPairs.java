package io.serin.analytics.decide;

import io.serin.analytics.streams.Initializer;
import io.serin.schemas.PairObservation;
import io.serin.schemas.ShadowResult;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Each unit's first pair of a stage, for each candidate: units are independent, their requests are
 * not.
 */
final class FirstPairs implements ProcessorSupplier<String, ShadowResult, String, PairObservation> {
  static final String STORE = "first-pairs";

  private static final byte[] SEEN = {1};

  @Override
  public Set<StoreBuilder<?>> stores() {
    return Set.of(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray())
            .withCachingEnabled());
  }

  @Override
  public Processor<String, ShadowResult, String, PairObservation> get() {
    return new ContextualProcessor<>() {
      private KeyValueStore<String, byte[]> seen;

      @Override
      @Initializer
      public void init(ProcessorContext<String, PairObservation> context) {
        super.init(context);
        seen = context.getStateStore(STORE);
      }

      @Override
      public void process(Record<String, ShadowResult> record) {
        PairObservation pair = Pairing.observe(record.value()).orElse(null);
        if (pair == null) {
          return;
        }
        String key =
            String.join(
                "/",
                pair.getRollout(),
                pair.getRun(),
                Integer.toString(pair.getStage()),
                pair.getCandidate(),
                pair.getUnit());
        if (seen.get(key) == null) {
          seen.put(key, SEEN);
          context().forward(record.withKey(pair.getRollout()).withValue(pair));
        }
      }
    };
  }
}
