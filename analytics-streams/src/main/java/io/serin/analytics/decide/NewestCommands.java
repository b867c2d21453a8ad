package io.serin.analytics.decide;

import io.serin.analytics.streams.Faults;
import io.serin.schemas.Command;
import io.serin.schemas.Deadlines;
import io.serin.schemas.RolloutState;
import io.serin.schemas.topics.Topics;
import java.time.Instant;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.jspecify.annotations.Nullable;

/**
 * The newest command of each rollout, as serin.commands has it. The store keeps bytes, since a
 * restore copies them unread: what cannot be read as a command counts as absent.
 */
final class NewestCommands {
  private final ReadOnlyKeyValueStore<String, ValueAndTimestamp<byte[]>> store;
  private final Deserializer<SpecificRecord> values;

  NewestCommands(ProcessingContext context, Deserializer<SpecificRecord> values) {
    this.store = context.getStateStore(DecideTopology.COMMANDS_STORE);
    this.values = values;
  }

  /** Stands for a record that is deleted or cannot be read: older than every command. */
  static Command none(String rollout, long at) {
    return Command.newBuilder()
        .setRollout(rollout)
        .setRevision(0)
        .setRun("")
        .setState(RolloutState.RUNNING)
        .setStage(0)
        .setStageName("")
        .setVariants(List.of())
        .setSplit(List.of())
        .setSalt("")
        .setUnit(List.of())
        .setDeadlines(new Deadlines(0, 0, 0, 0))
        .setLeaseMillis(0)
        .setCause("the topic's record is deleted or cannot be read")
        .setIssuedAt(Instant.ofEpochMilli(at))
        .build();
  }

  /**
   * Null if none that can be read.
   *
   * @throws SerializationException where the registry is unavailable
   */
  @Nullable Command of(String rollout) {
    ValueAndTimestamp<byte[]> kept = store.get(rollout);
    if (kept == null || kept.value() == null) {
      return null;
    }
    try {
      return values.deserialize(Topics.COMMANDS.name(), kept.value()) instanceof Command command
          ? command
          : null;
    } catch (SerializationException e) {
      if (Faults.unavailable(e)) {
        throw e;
      }
      return null;
    }
  }
}
