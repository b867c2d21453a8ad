package io.serin.analytics.decide;

import io.serin.analytics.controller.Decider;
import io.serin.analytics.controller.Input;
import io.serin.analytics.controller.Output;
import io.serin.analytics.controller.Status;
import io.serin.analytics.streams.Faults;
import io.serin.analytics.streams.Initializer;
import io.serin.analytics.streams.RecordSize;
import io.serin.schemas.ActionRequest;
import io.serin.schemas.Command;
import io.serin.schemas.DecisionInput;
import io.serin.schemas.Observation;
import io.serin.schemas.PairObservation;
import io.serin.schemas.Rating;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RolloutState;
import io.serin.schemas.StepFailure;
import io.serin.schemas.Tick;
import io.serin.schemas.WantedRollout;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the deciders: each input is numbered, logged, acted on and kept in one transaction. The wall
 * clock wakes it, so that a quiet rollout moves too; a tick is an input only where something is
 * due. A rollout without a state first asks the topic of commands which was its newest.
 *
 * <p>One rollout is one fault domain. A step gives its records only when it is complete, kept and
 * small enough for the broker; a step that fails leaves nothing behind, and its rollout is sent to
 * control by a {@link StepFailure}, an input like any other, which replays.
 */
final class Decisions implements ProcessorSupplier<String, DecisionInput, String, SpecificRecord> {
  static final String STORE = "decisions";

  private static final Logger LOG = LoggerFactory.getLogger(Decisions.class);
  private static final long TIME_TO_READ_BACK = 5_000;
  private static final int MOST_CAUSE = 1_000;

  /** How a decider acts on an input; tests make it fail. */
  interface Steps {
    List<Output> step(Decider decider, Input input);
  }

  private final Duration wake;
  private final Faults faults;
  private final Steps steps;
  private final Deserializer<SpecificRecord> values;

  /**
   * @param wake how often the wall clock looks whether anything is due
   * @param values reads commands
   */
  Decisions(Duration wake, Faults faults, Steps steps, Deserializer<SpecificRecord> values) {
    this.wake = wake;
    this.faults = faults;
    this.steps = steps;
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
  public Processor<String, DecisionInput, String, SpecificRecord> get() {
    return new DecisionProcessor();
  }

  /** What a step gives, held back until it is complete. */
  private static final class Step {
    private final List<SpecificRecord> records = new ArrayList<>();
    private boolean urgent;
  }

  private final class DecisionProcessor
      extends ContextualProcessor<String, DecisionInput, String, SpecificRecord> {
    private DeciderStore deciders;
    private NewestCommands commands;

    /** The last command of each rollout that left here; the topic lags behind it. */
    private final Map<String, Command> written = new HashMap<>();

    @Override
    @Initializer
    public void init(ProcessorContext<String, SpecificRecord> context) {
      super.init(context);
      deciders = new DeciderStore(context.getStateStore(STORE));
      commands = new NewestCommands(context, values);
      written.clear();
      context.schedule(wake, PunctuationType.WALL_CLOCK_TIME, this::tick);
    }

    @Override
    public void process(Record<String, DecisionInput> record) {
      SpecificRecord input = (SpecificRecord) record.value().getInput();
      act(record.key(), input, record.timestamp());
    }

    private void tick(long now) {
      deciders.drainUnreadable().forEach((rollout, why) -> contain(rollout, time(now), now, why));
      for (Map.Entry<String, Decider> entry : new TreeMap<>(deciders.all()).entrySet()) {
        Command other = another(entry.getKey(), entry.getValue(), now);
        if (other != null) {
          act(entry.getKey(), other, now);
        }
        if (due(entry.getKey(), now)) {
          act(entry.getKey(), time(now), now);
        }
      }
    }

    private boolean due(String rollout, long now) {
      try {
        return deciders.of(rollout).due(now);
      } catch (RuntimeException e) {
        contain(rollout, time(now), now, e);
        return false;
      }
    }

    private static Tick time(long now) {
      return new Tick(Instant.ofEpochMilli(now));
    }

    /**
     * The topic's last command where it is not this controller's own, which it has had time to be.
     * What cannot be read, or was deleted, counts as one of revision 0: it is written over, since a
     * router that starts would not know the rollout. Of a retired one a deletion stands.
     */
    private @Nullable Command another(String rollout, Decider decider, long now) {
      Status status = decider.status();
      if (status.runId() == null || now - status.orderedAt() <= TIME_TO_READ_BACK) {
        return null;
      }
      Command newest = commands.of(rollout);
      if (newest == null) {
        return status.phase() == RolloutState.RETIRED ? null : NewestCommands.none(rollout, now);
      }
      boolean own =
          newest.getRevision() == status.revision() && newest.getRun().equals(status.runId());
      return own ? null : newest;
    }

    private void act(String rollout, SpecificRecord input, long at) {
      if (evidence(input) && deciders.of(rollout).status().phase() == RolloutState.FAILED) {
        return; // Evidence changes nothing any more, and may be what it failed on.
      }
      Step step = new Step();
      try {
        take(step, rollout, input, at);
      } catch (RuntimeException | StackOverflowError e) {
        contain(rollout, input, at, e);
        return;
      }
      give(rollout, step, at);
    }

    /** Sends the rollout to control; whatever the failed step did is forgotten. */
    private void contain(String rollout, SpecificRecord input, long at, Throwable why) {
      if (why instanceof RuntimeException platform && Faults.ofPlatform(platform)) {
        throw platform;
      }
      faults.failed(rollout, why);
      deciders.reload(rollout);
      Step step = new Step();
      try {
        take(step, rollout, failure(rollout, input, at, why), at);
      } catch (RuntimeException | StackOverflowError again) {
        deciders.reload(rollout);
        LOG.atError()
            .addKeyValue("event", "rollout.notContained")
            .addKeyValue("rollout", rollout)
            .setCause(again)
            .log("rollout failed and its failure could not be recorded");
        return;
      }
      give(rollout, step, at);
    }

    private static StepFailure failure(
        String rollout, SpecificRecord input, long at, Throwable why) {
      String cause = why.toString();
      return StepFailure.newBuilder()
          .setAt(Instant.ofEpochMilli(at))
          .setCause(cause.substring(0, Math.min(cause.length(), MOST_CAUSE)))
          .setRun(run(input))
          .setInputType(input.getSchema().getName())
          .setInput(KeptInput.bytes(rollout, input, at))
          .build();
    }

    private void take(Step step, String rollout, SpecificRecord input, long at) {
      Decider decider = deciders.of(rollout);
      if (decider.status().inputs() == 0) {
        Command newest = commands.of(rollout);
        if (newest != null) {
          LOG.atWarn()
              .addKeyValue("event", "rollout.stateMissing")
              .addKeyValue("rollout", rollout)
              .addKeyValue("revision", newest.getRevision())
              .log("state is missing; continuing from the newest command");
          step(step, decider, rollout, newest, at);
        }
      }
      step(step, decider, rollout, input, at);
      deciders.keep(rollout, decider);
    }

    private void step(Step step, Decider decider, String rollout, SpecificRecord input, long at) {
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
      step.records.add(logged);
      if (!evidence(input)) {
        RecordSize.check(logged);
      }
      Command serving = written.get(rollout);
      for (Output output : steps.step(decider, read.get())) {
        SpecificRecord record =
            Outputs.write(rollout, output, serving == null ? commands.of(rollout) : serving);
        RecordSize.check(record);
        step.records.add(record);
        if (record instanceof Command command) {
          serving = command;
          step.urgent |= command.getRevision() != before;
        }
      }
    }

    /** Evidence is read within a bound that makes its log entry small. */
    private static boolean evidence(SpecificRecord input) {
      return input instanceof Observation
          || input instanceof Rating
          || input instanceof PairObservation;
    }

    private void give(String rollout, Step step, long at) {
      for (SpecificRecord record : step.records) {
        if (record instanceof Command command) {
          written.put(rollout, command);
        }
        if (record instanceof RolloutEvent event) {
          tell(event);
        }
        context().forward(new Record<>(rollout, record, at));
      }
      if (step.urgent) {
        context().commit(); // Routers read what is committed: they need not wait for the interval.
      }
    }

    private static void tell(RolloutEvent event) {
      LOG.atInfo()
          .addKeyValue("rollout", event.getRollout())
          .addKeyValue("event", event.getKind())
          .addKeyValue("revision", event.getRevision())
          .addKeyValue("stage", event.getStageName())
          .log("rollout event");
    }
  }

  private static String run(SpecificRecord input) {
    return switch (input) {
      case WantedRollout wanted -> wanted.getRun();
      case ActionRequest action -> action.getRun() == null ? "" : action.getRun();
      case Observation observation -> observation.getRun();
      default -> "";
    };
  }
}
