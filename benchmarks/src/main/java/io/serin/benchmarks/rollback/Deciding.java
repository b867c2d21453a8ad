package io.serin.benchmarks.rollback;

import io.serin.schemas.Command;
import io.serin.schemas.DecisionInput;
import io.serin.schemas.Observation;
import io.serin.schemas.RolloutState;
import io.serin.schemas.Verdict;
import io.serin.schemas.connect.KafkaConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Which request a run was rolled back on: the input, on serin.inputs, that its verdict on
 * serin.verdicts was reached on. Reads both topics from their beginning.
 */
final class Deciding implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final KafkaConsumer<String, SpecificRecord> topics;
  private final Map<Long, Long> endedAt = new HashMap<>();
  private final Map<String, Verdict> verdicts = new HashMap<>();
  private final Map<String, Command> rolledBack = new HashMap<>();

  Deciding(KafkaConnection kafka) {
    topics =
        kafka.consumer(Map.of("group.id", "rollback-benchmark", "auto.offset.reset", "earliest"));
    topics.subscribe(List.of("serin.inputs", "serin.verdicts", "serin.commands"));
  }

  /**
   * A decided rollback.
   *
   * @param eventMillis when the deciding request's record was made, since the epoch
   * @param commandMillis when the command was issued
   */
  record Decided(String cause, long eventMillis, long commandMillis) {}

  /** Of a run that was rolled back. */
  Decided of(String run) throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      for (ConsumerRecord<String, SpecificRecord> record : topics.poll(Duration.ofMillis(100))) {
        remember(record.value());
      }
      Decided decided = decided(run);
      if (decided != null) {
        return decided;
      }
    }
    throw new IOException("run " + run + " was not rolled back on a request's evidence");
  }

  private void remember(@Nullable SpecificRecord record) {
    switch (record) {
      case DecisionInput input when input.getInput() instanceof Observation seen ->
          endedAt.put(input.getNumber(), seen.getEventTime().toEpochMilli());
      case Verdict verdict -> verdicts.put(verdict.getId(), verdict);
      case Command command when command.getState() == RolloutState.ROLLED_BACK ->
          rolledBack.putIfAbsent(command.getRun(), command);
      case null, default -> {}
    }
  }

  private @Nullable Decided decided(String run) {
    Command command = rolledBack.get(run);
    Verdict verdict = command == null ? null : verdicts.get(command.getCauseId());
    Long ended = verdict == null ? null : endedAt.get(verdict.getInputNumber());
    return command == null || ended == null
        ? null
        : new Decided(command.getCause(), ended, command.getIssuedAt().toEpochMilli());
  }

  @Override
  public void close() {
    topics.close();
  }
}
