package io.serin.analytics.decide;

import io.serin.analytics.observation.Observation.End;
import io.serin.analytics.observation.UnitHistory;
import io.serin.analytics.streams.Faults;
import io.serin.analytics.streams.Initializer;
import io.serin.analytics.streams.RecordSize;
import io.serin.schemas.Command;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.Observation;
import io.serin.schemas.ProgressEvent;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.UnitState;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
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
 * Passes on the first events and ratings of each unit, keyed by rollout; remembers units in a
 * persistent store, ROLLOUT/RUN/UNIT, as long as {@link UnitRetention} says.
 */
final class FirstEventsProcessor
    implements ProcessorSupplier<String, SpecificRecord, String, SpecificRecord> {
  static final String STORE = "units";

  private static final Logger LOG = LoggerFactory.getLogger(FirstEventsProcessor.class);

  private final UnitRetention retention;
  private final Faults faults;
  private final Deserializer<SpecificRecord> values;

  FirstEventsProcessor(
      UnitRetention retention, Faults faults, Deserializer<SpecificRecord> values) {
    this.retention = retention;
    this.faults = faults;
    this.values = values;
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
      extends ContextualProcessor<String, SpecificRecord, String, SpecificRecord> {
    private KeyValueStore<String, byte[]> units;
    private long newest;

    @Override
    @Initializer
    public void init(ProcessorContext<String, SpecificRecord> context) {
      super.init(context);
      units = context.getStateStore(STORE);
      NewestCommands commands = new NewestCommands(context, values);
      UnitSweep sweep =
          new UnitSweep(units, (rollout, run) -> over(commands.of(rollout), run), retention);
      context.schedule(
          retention.look(), PunctuationType.WALL_CLOCK_TIME, now -> sweep.look(newest));
    }

    @Override
    public void process(Record<String, SpecificRecord> record) {
      newest = Math.max(newest, record.timestamp());
      switch (record.value()) {
        case RequestEvent event -> request(record, event);
        case ProgressEvent event -> progress(record, event);
        case FeedbackEvent event -> feedback(record, event);
        default -> throw new IllegalStateException("neither request, progress nor feedback");
      }
    }

    private void request(Record<String, SpecificRecord> record, RequestEvent event) {
      End end = Observing.evidence(event);
      if (end != null) {
        observe(
            record,
            new Source(event.getRollout(), event.getRun(), event.getStage(), event.getUnit()),
            event.getRequestId(),
            history -> Observing.observe(history, event, end, record.timestamp()));
      }
    }

    private void progress(Record<String, SpecificRecord> record, ProgressEvent event) {
      observe(
          record,
          new Source(event.getRollout(), event.getRun(), event.getStage(), event.getUnit()),
          event.getRequestId(),
          history -> Observing.observe(history, event, record.timestamp()));
    }

    private void observe(
        Record<String, SpecificRecord> record,
        Source of,
        String requestId,
        Function<UnitHistory, Optional<Observation>> observing) {
      String key = key(of.rollout, of.run, of.unit);
      UnitHistory history = history(key);
      Optional<Observation> observation;
      try {
        observation = observing.apply(history);
      } catch (IllegalArgumentException e) {
        LOG.atWarn()
            .addKeyValue("requestId", requestId)
            .addKeyValue("rollout", of.rollout)
            .setCause(e)
            .log("request is not evidence: its split cannot be read");
        return;
      }
      observation.ifPresent(seen -> forward(record, of.rollout, seen));
      history.waiting(of.stage).ifPresent(seen -> rated(record, of.rollout, of.run, of.unit, seen));
      keep(key, history);
    }

    private void feedback(Record<String, SpecificRecord> record, FeedbackEvent event) {
      Optional<UnitHistory.Rating> rating = Observing.rating(event, record.timestamp());
      if (rating.isEmpty()) {
        return;
      }
      String key = key(event.getRollout(), event.getRun(), event.getUnit());
      UnitHistory history = history(key);
      history
          .rate(rating.get())
          .ifPresent(
              seen -> rated(record, event.getRollout(), event.getRun(), event.getUnit(), seen));
      keep(key, history);
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
      context().forward(record.withKey(rollout).withValue(value));
    }

    private void keep(String key, UnitHistory history) {
      units.put(key, RecordSize.check("a unit's history", UnitStates.write(history.state())));
    }

    private UnitHistory history(String key) {
      byte[] kept = units.get(key);
      if (kept == null) {
        return new UnitHistory();
      }
      Optional<UnitState> state = UnitStates.read(kept);
      if (state.isEmpty()) {
        faults.forgotten(key);
      }
      return state.map(UnitHistory::new).orElseGet(UnitHistory::new);
    }
  }

  /** Whose request a record is of, and in which stage. */
  private record Source(String rollout, String run, int stage, String unit) {}

  private static String key(String rollout, String run, String unit) {
    return rollout + "/" + run + "/" + unit;
  }

  private static boolean over(@Nullable Command newest, String run) {
    if (newest == null) {
      return false;
    }
    return !newest.getRun().equals(run)
        || switch (newest.getState()) {
          case ROLLED_BACK, PROMOTED, ABORTED, RETIRED, FAILED -> true;
          case UNKNOWN, RUNNING, PAUSED, FROZEN -> false;
        };
  }
}
