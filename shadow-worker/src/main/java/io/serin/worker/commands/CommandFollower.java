package io.serin.worker.commands;

import io.serin.schemas.Command;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.tail.TopicTail;
import io.serin.schemas.topics.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Makes the tail that reads serin.commands into a {@link CommandTable}. */
public final class CommandFollower {
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  private CommandFollower() {}

  /** The tail, not started. */
  public static TopicTail<Command> of(KafkaConnection connection, CommandTable table) {
    return new TopicTail<>(
        "serin-commands",
        () -> connection.consumer(Map.of()),
        List.of(new TopicTail.Source(Topics.COMMANDS.name(), new TopicTail.From.Beginning())),
        PAUSE_AFTER_FAILURE,
        record -> table.offer(record.value()));
  }
}
