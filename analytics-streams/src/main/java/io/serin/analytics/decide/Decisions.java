package io.serin.analytics.decide;

import io.serin.analytics.policy.Decider;
import io.serin.analytics.policy.Input;
import io.serin.analytics.policy.Output;
import io.serin.analytics.policy.Status;
import io.serin.schemas.Command;
import io.serin.schemas.DecisionInput;
import io.serin.schemas.Tick;
import io.serin.schemas.WantedRollout;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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
 * Runs the deciders: each input is numbered, logged, acted on and kept in one transaction. The wall
 * clock wakes it, so that a quiet rollout moves too; a tick is an input only where something is
 * due. A rollout without a state first asks the topic of commands which was its newest.
 */
final class Decisions implements ProcessorSupplier<String, DecisionInput, String, SpecificRecord> {
  static final String STORE = "decisions";

  private static final Logger LOG = LoggerFactory.getLogger(Decisions.class);
  private static final long TIME_TO_READ_BACK = 5_000;

  private final Duration wake;

  Decisions(Duration wake) {
    this.wake = wake;
  }

  @Override
  public Set<StoreBuilder<?>> stores() {
    return Set.of(
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray())
            .withCachingEnabled());
  }

  @Override
  public Processor<String, DecisionInput, String, SpecificRecord> get() {
    return new DecisionProcessor();
  }

  private final class DecisionProcessor
      implements Processor<String, DecisionInput, String, SpecificRecord> {
    private @Nullable ProcessorContext<String, SpecificRecord> context;
    private @Nullable DeciderStore deciders;
    private @Nullable ReadOnlyKeyValueStore<String, ValueAndTimestamp<Command>> commands;

    @Override
    public void init(ProcessorContext<String, SpecificRecord> context) {
      this.context = context;
      KeyValueStore<String, byte[]> store = context.getStateStore(STORE);
      this.deciders = new DeciderStore(store);
      this.commands = context.getStateStore(DecideTopology.COMMANDS_STORE);
      context.schedule(wake, PunctuationType.WALL_CLOCK_TIME, this::tick);
    }

    @Override
    public void process(Record<String, DecisionInput> record) {
      act(record.key(), record.value().getInput(), record.timestamp());
    }

    private void tick(long now) {
      if (deciders == null) {
        return;
      }
      for (Map.Entry<String, Decider> entry : new TreeMap<>(deciders.all()).entrySet()) {
        Command other = another(entry.getKey(), entry.getValue(), now);
        if (other != null) {
          act(entry.getKey(), other, now);
        }
        if (entry.getValue().due(now)) {
          act(entry.getKey(), new Tick(Instant.ofEpochMilli(now)), now);
        }
      }
    }

    /**
     * The topic's last command where it is not this controller's own, which it has had time to be.
     */
    private @Nullable Command another(String rollout, Decider decider, long now) {
      Status status = decider.status();
      ValueAndTimestamp<Command> newest = commands == null ? null : commands.get(rollout);
      return newest != null
              && status.runId() != null
              && now - status.orderedAt() > TIME_TO_READ_BACK
              && (newest.value().getRevision() != status.revision()
                  || !newest.value().getRun().equals(status.runId()))
          ? newest.value()
          : null;
    }

    private void act(String rollout, Object input, long at) {
      if (deciders == null || commands == null) {
        throw new IllegalStateException("not initialised");
      }
      Decider decider = deciders.of(rollout);
      if (decider.status().inputs() == 0) {
        ValueAndTimestamp<Command> newest = commands.get(rollout);
        if (newest != null) {
          LOG.atWarn()
              .addKeyValue("rollout", rollout)
              .addKeyValue("revision", newest.value().getRevision())
              .log("state is missing: goes on from the newest command");
          step(decider, rollout, newest.value(), at);
        }
      }
      step(decider, rollout, input, at);
      deciders.keep(rollout, decider);
    }

    private void step(Decider decider, String rollout, Object input, long at) {
      ProcessorContext<String, SpecificRecord> to = context;
      if (to == null) {
        throw new IllegalStateException("not initialised");
      }
      DecisionInput logged =
          DecisionInput.newBuilder()
              .setRollout(rollout)
              .setNumber(decider.status().inputs() + 1)
              .setAt(Instant.ofEpochMilli(at))
              .setInput(input)
              .setBefore(
                  input instanceof WantedRollout ? StatusCodec.toText(decider.status()) : null)
              .build();
      Optional<Input> read = Inputs.read(logged);
      if (read.isEmpty()) {
        return;
      }
      long before = decider.status().revision();
      to.forward(new Record<>(rollout, logged, at));
      for (Output output : decider.step(read.get())) {
        tell(rollout, output);
        to.forward(new Record<>(rollout, Outputs.write(rollout, output), at));
        if (output instanceof Output.Ordered ordered && ordered.revision() != before) {
          to.commit(); // Routers read what is committed: they need not wait for the interval.
        }
      }
    }

    private void tell(String rollout, Output output) {
      if (output instanceof Output.Told told) {
        LOG.atInfo()
            .addKeyValue("rollout", rollout)
            .addKeyValue("event", told.kind())
            .addKeyValue("revision", told.revision())
            .addKeyValue("stage", told.stageName())
            .log("rollout event");
      }
    }
  }
}
