package io.serin.analytics.decide;

import io.serin.analytics.policy.Sight;
import io.serin.analytics.policy.UnitHistory;
import io.serin.schemas.Command;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.Observation;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RolloutState;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes on the first events and ratings of each unit, keyed by rollout; remembers units in a
 * persistent store, ROLLOUT/RUN/UNIT, as long as {@link UnitRetention} says.
 */
final class FirstEvents
    implements ProcessorSupplier<String, SpecificRecord, String, SpecificRecord> {
  static final String STORE = "units";

  private static final Logger LOG = LoggerFactory.getLogger(FirstEvents.class);

  private final UnitRetention retention;

  FirstEvents(UnitRetention retention) {
    this.retention = retention;
  }

  @Override
  public Set<StoreBuilder<?>> stores() {
    return Set.of(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray())
            .withCachingEnabled());
  }

  @Override
  public Processor<String, SpecificRecord, String, SpecificRecord> get() {
    return new UnitProcessor();
  }

  private final class UnitProcessor
      implements Processor<String, SpecificRecord, String, SpecificRecord> {
    private @Nullable ProcessorContext<String, SpecificRecord> context;
    private @Nullable KeyValueStore<String, byte[]> units;
    private long newest;

    @Override
    public void init(ProcessorContext<String, SpecificRecord> context) {
      this.context = context;
      KeyValueStore<String, byte[]> store = context.getStateStore(STORE);
      this.units = store;
      ReadOnlyKeyValueStore<String, ValueAndTimestamp<Command>> commands =
          context.getStateStore(DecideTopology.COMMANDS_STORE);
      UnitSweep sweep =
          new UnitSweep(store, (rollout, run) -> over(commands, rollout, run), retention);
      context.schedule(
          retention.look(), PunctuationType.WALL_CLOCK_TIME, now -> sweep.look(newest));
    }

    @Override
    public void process(Record<String, SpecificRecord> record) {
      newest = Math.max(newest, record.timestamp());
      switch (record.value()) {
        case RequestEvent event -> request(record, event);
        case FeedbackEvent event -> feedback(record, event);
        default -> throw new IllegalStateException("neither request nor feedback");
      }
    }

    private void request(Record<String, SpecificRecord> record, RequestEvent event) {
      Sight.End end = Observing.evidence(event);
      if (end == null || units == null) {
        return;
      }
      String key = key(event.getRollout(), event.getRun(), event.getUnit());
      UnitHistory history = history(key);
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
      if (observation != null) {
        forward(record, event.getRollout(), observation);
      }
      history
          .waiting(event.getStage())
          .ifPresent(
              seen -> rated(record, event.getRollout(), event.getRun(), event.getUnit(), seen));
      units.put(key, history.toBytes());
    }

    private void feedback(Record<String, SpecificRecord> record, FeedbackEvent event) {
      Optional<UnitHistory.Rating> rating = Observing.rating(event, record.timestamp());
      if (rating.isEmpty() || units == null) {
        return;
      }
      String key = key(event.getRollout(), event.getRun(), event.getUnit());
      UnitHistory history = history(key);
      history
          .rate(rating.get())
          .ifPresent(
              seen -> rated(record, event.getRollout(), event.getRun(), event.getUnit(), seen));
      units.put(key, history.toBytes());
    }

    private void rated(
        Record<String, SpecificRecord> record,
        String rollout,
        String run,
        String unit,
        UnitHistory.RatingSeen seen) {
      forward(record, rollout, Observing.rating(rollout, run, unit, seen));
    }

    private void forward(
        Record<String, SpecificRecord> record, String rollout, SpecificRecord value) {
      if (context == null) {
        throw new IllegalStateException("not initialised");
      }
      context.forward(record.withKey(rollout).withValue(value));
    }

    private UnitHistory history(String key) {
      byte[] kept = units == null ? null : units.get(key);
      return kept == null ? new UnitHistory() : UnitHistory.fromBytes(kept);
    }
  }

  private static String key(String rollout, String run, String unit) {
    return rollout + "/" + run + "/" + unit;
  }

  private static boolean over(
      ReadOnlyKeyValueStore<String, ValueAndTimestamp<Command>> commands,
      String rollout,
      String run) {
    ValueAndTimestamp<Command> newest = commands.get(rollout);
    if (newest == null) {
      return false;
    }
    RolloutState state = newest.value().getState();
    return !newest.value().getRun().equals(run)
        || state == RolloutState.ROLLED_BACK
        || state == RolloutState.PROMOTED
        || state == RolloutState.ABORTED
        || state == RolloutState.RETIRED;
  }
}
