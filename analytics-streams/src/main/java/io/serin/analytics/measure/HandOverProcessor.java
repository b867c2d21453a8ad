package io.serin.analytics.measure;

import io.serin.analytics.streams.Initializer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Sums a partition's contributions by window, and hands the sums to the rollout's own partition on
 * the wall clock. What is handed over leaves the store in the same transaction, so each
 * contribution is handed over once; the load of the rollout's partition does not grow with traffic.
 */
final class HandOverProcessor
    extends ContextualProcessor<String, Contribution, String, Contribution> {
  private final String storeName;
  private final Duration every;
  private KeyValueStore<WindowKey, Aggregate> sums;

  HandOverProcessor(String storeName, Duration every) {
    this.storeName = storeName;
    this.every = every;
  }

  @Override
  @Initializer
  public void init(ProcessorContext<String, Contribution> context) {
    super.init(context);
    this.sums = context.getStateStore(storeName);
    context.schedule(every, PunctuationType.WALL_CLOCK_TIME, ignored -> handOver());
  }

  @Override
  public void process(Record<String, Contribution> record) {
    Contribution contribution = record.value();
    Aggregate sum = sums.get(contribution.key());
    sums.put(
        contribution.key(),
        sum == null ? contribution.aggregate() : sum.plus(contribution.aggregate()));
  }

  private void handOver() {
    List<KeyValue<WindowKey, Aggregate>> ready = new ArrayList<>();
    try (KeyValueIterator<WindowKey, Aggregate> all = sums.all()) {
      all.forEachRemaining(ready::add);
    }
    for (KeyValue<WindowKey, Aggregate> sum : ready) {
      sums.delete(sum.key);
      if (sum.value == null) {
        continue; // of another version of Serin
      }
      context()
          .forward(
              new Record<>(
                  sum.key.rollout(), new Contribution(sum.key, sum.value), sum.key.windowStart()));
    }
  }
}
