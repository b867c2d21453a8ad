package io.serin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.router.journal.Awaiting;
import io.serin.router.ports.CommandTarget;
import io.serin.schemas.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // Set by JUnit.
@Timeout(60)
class CommandFollowerTest {

  private static final String TOPIC = "serin.commands";

  @TempDir private Path directory;

  private final List<String> adoptions = new CopyOnWriteArrayList<>();
  private final CommandTarget adopting =
      command -> {
        adoptions.add(command.getRollout() + " " + command.getRevision());
        return CompletableFuture.completedStage(null);
      };
  private final AtomicBoolean kafkaAway = new AtomicBoolean();
  private final AtomicLong now = new AtomicLong();
  private final MockConsumer<String, Command> consumer = consumer();
  private CommandFollower follower;
  private long offset;

  @AfterEach
  void close() {
    if (follower != null) {
      follower.close();
    }
  }

  @Test
  void shouldAdoptTheNewestCommandOfEachRolloutBeforeItIsReady() {
    logHolds(Records.command("a", 1), Records.command("b", 7), Records.command("a", 2));

    start(adopting);

    awaitReady();
    assertThat(adoptions).containsExactlyInAnyOrder("a 2", "b 7");
    assertThat(follower.adopted()).isEqualTo(Map.of("a", 2L, "b", 7L));
  }

  @Test
  void shouldBeReadyWhereTheTopicIsEmpty() {
    start(adopting);

    awaitReady();

    assertThat(adoptions).isEmpty();
  }

  @Test
  void shouldAdoptHigherRevisionsOnly() {
    logHolds(Records.command("a", 5));
    start(adopting);
    awaitReady();

    add(Records.command("a", 4));
    add(Records.command("a", 5));
    add(Records.command("a", 6));

    Awaiting.until(() -> follower.adopted().getOrDefault("a", 0L) == 6);
    assertThat(adoptions).containsExactly("a 5", "a 6");
  }

  @Test
  void shouldReportAnAdoptionOnlyWhenItIsComplete() {
    logHolds(Records.command("a", 1));
    CompletableFuture<Void> allLoops = new CompletableFuture<>();
    AtomicInteger reported = new AtomicInteger();
    follower = follower(_ -> allLoops);
    follower.onAdopted(reported::incrementAndGet);
    follower.start();
    awaitReady();
    assertThat(follower.adopted()).isEmpty();

    allLoops.complete(null);

    assertThat(follower.adopted()).containsEntry("a", 1L);
    assertThat(reported).hasValue(1);
  }

  @Test
  void shouldServeByTheStoredCommandsWhereKafkaIsAway() {
    logHolds(Records.command("a", 3));
    start(adopting);
    awaitReady();
    Awaiting.until(() -> Files.exists(directory.resolve("commands.avro")));
    follower.close();
    adoptions.clear();
    kafkaAway.set(true);

    start(adopting);
    Awaiting.pause(50);
    assertThat(follower.ready()).as("Kafka still has time").isNotDone();
    now.addAndGet(Duration.ofSeconds(2).toNanos());

    awaitReady();
    assertThat(adoptions).containsExactly("a 3");
    assertThat(follower.following()).isFalse();
  }

  @Test
  void shouldNotBeReadyWithoutKafkaAndWithoutStoredCommands() {
    kafkaAway.set(true);
    now.addAndGet(Duration.ofSeconds(2).toNanos());

    start(adopting);
    Awaiting.pause(100);
    assertThat(follower.ready()).isNotDone();
    kafkaAway.set(false);

    awaitReady();
  }

  @Test
  void shouldIgnoreAStoredFileThatIsDamaged() throws IOException {
    Files.writeString(directory.resolve("commands.avro"), "not Avro");
    logHolds(Records.command("a", 1));

    start(adopting);

    awaitReady();
    assertThat(adoptions).containsExactly("a 1");
  }

  @Test
  void shouldGoOnWhenACommandIsRefused() {
    logHolds(Records.command("a", 1));
    start(
        command -> {
          if (command.getRevision() == 2) {
            throw new IllegalStateException("no such variant");
          }
          return adopting.adopt(command);
        });
    awaitReady();

    add(Records.command("a", 2));
    add(Records.command("a", 3));

    Awaiting.until(() -> follower.adopted().getOrDefault("a", 0L) == 3);
    assertThat(adoptions).containsExactly("a 1", "a 3");
  }

  private void awaitReady() {
    follower.ready().orTimeout(30, TimeUnit.SECONDS).join();
  }

  private void start(CommandTarget target) {
    follower = follower(target);
    follower.start();
  }

  private CommandFollower follower(CommandTarget target) {
    return new CommandFollower(
        () -> {
          if (kafkaAway.get()) {
            throw new KafkaException("no broker");
          }
          return consumer.closed() ? consumer() : consumer;
        },
        directory.resolve("commands.avro"),
        target,
        Duration.ofSeconds(1),
        now::get);
  }

  private static MockConsumer<String, Command> consumer() {
    MockConsumer<String, Command> made = new MockConsumer<>("earliest");
    TopicPartition partition = new TopicPartition(TOPIC, 0);
    made.updatePartitions(
        TOPIC, List.of(new PartitionInfo(TOPIC, 0, Node.noNode(), new Node[0], new Node[0])));
    made.updateBeginningOffsets(Map.of(partition, 0L));
    made.updateEndOffsets(Map.of(partition, 0L));
    return made;
  }

  private void logHolds(Command... commands) {
    consumer.updateEndOffsets(Map.of(new TopicPartition(TOPIC, 0), (long) commands.length));
    consumer.schedulePollTask(() -> List.of(commands).forEach(this::add));
  }

  private void add(Command command) {
    consumer.addRecord(new ConsumerRecord<>(TOPIC, 0, offset++, command.getRollout(), command));
  }
}
