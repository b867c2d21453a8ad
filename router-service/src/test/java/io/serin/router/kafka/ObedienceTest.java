package io.serin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.modelcalls.Credentials;
import io.serin.rollout.assignment.UnitHasher;
import io.serin.router.journal.Awaiting;
import io.serin.router.rollout.Rollout;
import io.serin.router.rollout.RolloutTables;
import io.serin.router.rollout.Table;
import io.serin.router.rollout.TripFile;
import io.serin.router.rollout.Variant;
import io.serin.router.trip.TripPolicy;
import io.serin.schemas.Command;
import io.serin.schemas.Deadlines;
import io.serin.schemas.RolloutState;
import io.serin.schemas.Slice;
import io.serin.schemas.VariantRole;
import io.serin.schemas.VariantTarget;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever comes late, twice, from a dead controller or not at all: a router never brings a bad
 * variant back, and never sends to a retired one. With the real follower, tables and files; only
 * Kafka's client is Kafka's own mock.
 */
@SuppressWarnings("NullAway.Init") // Set by JUnit.
@Timeout(60)
class ObedienceTest {

  private static final TopicPartition LOG = new TopicPartition("serin.commands", 0);
  private static final Duration LEASE = Duration.ofSeconds(30);

  @TempDir private Path folder;

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L); // Overflows.
  private final List<@Nullable Command> log = new ArrayList<>();
  private @Nullable MockConsumer<String, Command> reading;
  private boolean kafkaAway;
  private int read;
  private @Nullable Router router;

  /** The parts of a router that obey. */
  private record Router(TripFile file, RolloutTables tables, CommandFollower follower) {}

  @AfterEach
  void stop() {
    Router running = router;
    if (running != null) {
      running.follower().close();
      running.file().close();
      router = null;
    }
  }

  // --- old commands ---

  @Test
  void shouldNotBringAVariantBackByAnOldCommandThatComesLate() {
    log.add(running(7, 5_000));
    start();
    write(rolledBack(8));
    awaitRevision(8);

    write(running(7, 5_000));
    write(running(3, 500));

    awaitRead();
    assertThat(serving()).containsExactly("control");
  }

  @Test
  void shouldNotBringAVariantBackWhereTheLogWasCutBackToALowerRevision() {
    log.add(running(7, 5_000));
    log.add(rolledBack(8));
    start();
    stop();
    log.removeLast();

    start();

    assertThat(serving()).containsExactly("control");
    assertThat(rollout().revision()).isEqualTo(8);
    write(running(9, 500));
    awaitRevision(9);
    assertThat(serving()).as("a newer command is obeyed").contains("candidate");
  }

  @Test
  void shouldNotObeyAZombieController() {
    log.add(running(7, 500));
    start();
    write(rolledBack(8));
    awaitRevision(8);
    write(command(9, RolloutState.RUNNING, 100));
    awaitRevision(9);

    write(command(9, RolloutState.RUNNING, 9_000)); // Fenced too late: the same number again.
    write(running(8, 9_000));

    awaitRead();
    assertThat(slots("candidate")).isEqualTo(100);
  }

  @Test
  void shouldNotBringAVariantBackByAControllerThatForgot() {
    log.add(running(40, 2_500));
    log.add(rolledBack(41));
    start();

    write(running(1, 2_500)); // It counts from the beginning.
    write(running(2, 5_000));

    awaitRead();
    assertThat(serving()).containsExactly("control");
  }

  // --- commands that cannot be served ---

  /** The file's update has a control that no router can call; then both are restarted. */
  @Test
  void shouldServeTheLastGoodControlOverARestart() {
    log.add(running(7, 5_000));
    start();
    write(unservable(rolledBack(8), 0));
    awaitRevision(8);
    stop();

    start();

    assertThat(rollout().revision()).isEqualTo(8);
    assertThat(serving()).containsExactly("control");
    assertThat(rollout().control().addresses().getFirst().port()).isEqualTo(1);
    stop();
    kafkaAway = true;

    start();

    assertThat(rollout().revision()).isEqualTo(8);
    assertThat(serving()).as("without Kafka").containsExactly("control");
    assertThat(rollout().control().addresses().getFirst().port()).isEqualTo(1);
  }

  @Test
  void shouldRollBackAndRestartWhereTheCandidateIsUnservable() {
    log.add(running(7, 5_000));
    start();
    write(unservable(running(8, 500), 1));
    awaitRevision(8);
    assertThat(serving()).containsExactly("control");
    write(unservable(rolledBack(9), 1));
    awaitRevision(9);
    Awaiting.until(() -> router != null && router.follower().adopted().containsValue(9L));
    stop();

    start();

    assertThat(rollout().command().getState()).isEqualTo(RolloutState.ROLLED_BACK);
    assertThat(serving()).containsExactly("control");
    assertThat(tables().refused()).hasSize(1);
  }

  /** What the controller writes of a rollout that it cannot act on: control, and nothing else. */
  @Test
  void shouldServeControlAloneByTheCommandOfAFailedRun() {
    log.add(running(7, 5_000));
    start();
    write(failed(8));
    awaitRevision(8);
    assertThat(serving()).containsExactly("control");
    assertThat(tables().refused()).isEmpty();
    stop();

    start();
    assertThat(serving()).as("after a restart").containsExactly("control");
    stop();
    kafkaAway = true;
    start();
    assertThat(serving()).as("without Kafka").containsExactly("control");
    kafkaAway = false;

    log.add(running(9, 500));
    awaitRevision(9);
    assertThat(serving()).as("a new file").contains("candidate");
  }

  @Test
  void shouldServeOnAndObeyTheNextCommandWhereTheTopicsRecordIsDeleted() {
    log.add(running(7, 5_000));
    start();

    write(null);
    awaitRead();
    assertThat(serving()).contains("candidate");

    write(rolledBack(8));
    awaitRevision(8);
    assertThat(serving()).containsExactly("control");
  }

  /** Renewals of an update whose candidate is refused keep nothing of the earlier one alive. */
  @Test
  void shouldNotServeTheEarlierCandidateByRenewalsOfARefusedOne() {
    log.add(running(7, 5_000));
    start();
    write(unservable(running(8, 500), 1));
    awaitRevision(8);

    for (int i = 1; i <= 3; i++) {
      pass(LEASE.dividedBy(2));
      write(renewed(unservable(running(8, 500), 1), i));
      awaitRead();
    }

    assertThat(serving()).containsExactly("control");
  }

  // --- without Kafka ---

  @Test
  void shouldServeAnActiveRunByControlWhereStartedWithoutKafka() {
    log.add(running(7, 5_000));
    start();
    assertThat(serving()).contains("candidate");
    stop();
    log.add(rolledBack(8)); // While this router was down.
    kafkaAway = true;

    start();

    assertThat(serving()).containsExactly("control");
    assertThat(tables().lapsed()).containsExactly("assistant");
    assertThat(tables().trips()).as("not a trip: the controller must not count it").isEmpty();
    kafkaAway = false;
    awaitRevision(8);
    assertThat(serving()).containsExactly("control");
    assertThat(tables().lapsed()).isEmpty();
  }

  @Test
  void shouldServeAnActiveRunAgainOnceKafkaSaysThatItIsStillWanted() {
    log.add(running(7, 5_000));
    start();
    stop();
    kafkaAway = true;
    start();
    assertThat(serving()).containsExactly("control");

    kafkaAway = false;

    Awaiting.until(() -> tables().lapsed().isEmpty());
    assertThat(serving()).contains("candidate");
  }

  @Test
  void shouldServeAPromotedRunAsItWasWhereStartedWithoutKafka() {
    log.add(command(7, RolloutState.PROMOTED, 10_000));
    start();
    stop();
    kafkaAway = true;

    start();

    assertThat(serving()).containsExactly("candidate");
  }

  @Test
  void shouldNotBringATrippedVariantBackByARestart() {
    log.add(running(7, 5_000));
    start();
    tables().trip("assistant", "candidate").toCompletableFuture().join();
    stop();

    start();

    assertThat(serving()).containsExactly("control");
    assertThat(tables().trips()).containsExactly("assistant/candidate");
  }

  // --- leases ---

  @Test
  void shouldReturnToControlWhereTheControllerIsSilentForLongerThanTheLease() {
    log.add(running(7, 5_000));
    start();
    pass(LEASE.minusMillis(1));
    assertThat(serving()).as("frozen where it was, within the lease").contains("candidate");

    pass(Duration.ofMillis(1));

    assertThat(serving()).containsExactly("control");
    assertThat(tables().lapsed()).containsExactly("assistant");
  }

  @Test
  void shouldCountALeaseFromTheLastRenewal() {
    log.add(running(7, 5_000));
    start();
    for (int i = 1; i <= 5; i++) {
      pass(LEASE.dividedBy(2));
      write(renewed(running(7, 5_000), i));
      awaitRead();
    }
    assertThat(serving()).contains("candidate");

    pass(LEASE);

    assertThat(serving()).containsExactly("control");
  }

  @Test
  void shouldServeTheSplitAgainWhenTheControllerIsBack() {
    log.add(running(7, 5_000));
    start();
    pass(LEASE);

    write(renewed(running(7, 5_000), 1));

    Awaiting.until(() -> tables().lapsed().isEmpty());
    assertThat(serving()).contains("candidate");
  }

  @Test
  void shouldNotCountAnOldCommandAsARenewal() {
    log.add(running(7, 5_000));
    start();
    pass(LEASE.dividedBy(2));

    write(running(7, 5_000)); // The very record that was read before.
    write(renewed(running(6, 5_000), 1)); // A zombie lives, but is not obeyed.
    awaitRead();
    pass(LEASE.dividedBy(2));

    assertThat(serving()).containsExactly("control");
  }

  @Test
  void shouldNotCountReadingTheLogAgainAsARenewal() {
    log.add(running(7, 5_000));
    start();
    pass(LEASE.dividedBy(2));

    reconnect();
    pass(LEASE.dividedBy(2));

    assertThat(serving()).containsExactly("control");
  }

  @Test
  void shouldStayOnControlOverARestartOnceTheLeaseRanOut() {
    log.add(running(7, 5_000));
    start();
    pass(LEASE);
    stop();

    start();

    assertThat(serving()).as("the log holds nothing newer").containsExactly("control");
    write(renewed(running(7, 5_000), 1));
    Awaiting.until(() -> tables().lapsed().isEmpty());
    assertThat(serving()).contains("candidate");
  }

  @Test
  void shouldChangeNothingWhereALeaseEndsAfterPromotion() {
    log.add(running(7, 5_000));
    start();
    write(command(8, RolloutState.PROMOTED, 10_000));
    awaitRevision(8);

    pass(LEASE.multipliedBy(1_000));

    assertThat(serving()).containsExactly("candidate");
    assertThat(tables().lapsed()).isEmpty();
  }

  @Test
  void shouldEndTheLapseOfARunThatIsPromotedMeanwhile() {
    log.add(running(7, 5_000));
    start();
    pass(LEASE);
    assertThat(serving()).containsExactly("control");

    write(command(8, RolloutState.PROMOTED, 10_000));

    awaitRevision(8);
    assertThat(serving()).containsExactly("candidate");
  }

  @Test
  void shouldGiveNothingForWhatAClockSays() {
    log.add(renewed(running(7, 5_000), Duration.ofDays(3_650).toSeconds()));
    start();
    pass(LEASE.minusMillis(1));
    assertThat(serving()).contains("candidate");
    pass(Duration.ofMillis(1));
    assertThat(serving()).as("a time far ahead buys no time").containsExactly("control");

    write(renewed(running(7, 5_000), -Duration.ofDays(3_650).toSeconds()));
    Awaiting.until(() -> tables().lapsed().isEmpty());
    pass(LEASE.minusMillis(1));

    assertThat(serving()).as("a time far back ends none").contains("candidate");
  }

  @Test
  void shouldBindNoRunWithoutALease() {
    Command forever = running(7, 5_000);
    forever.setLeaseMillis(0);
    log.add(forever);
    start();
    stop();
    kafkaAway = true;

    start();
    pass(Duration.ofDays(365));

    assertThat(serving()).contains("candidate");
  }

  // --- retired ---

  @Test
  void shouldNotSendToARetiredControl() {
    log.add(command(7, RolloutState.PROMOTED, 10_000));
    start();
    write(command(8, RolloutState.RETIRED, 10_000));
    awaitRevision(8);
    write(command(7, RolloutState.PROMOTED, 10_000));
    awaitRead();

    tables().trip("assistant", "candidate").toCompletableFuture().join();
    tables().force("assistant", true).toCompletableFuture().join();

    assertThat(serving()).containsExactly("candidate");
    assertThat(rollout().variants()).containsOnlyKeys("candidate");
    assertThat(rollout().control().name())
        .as("serves requests without a unit, and is no fallback for itself")
        .isEqualTo("candidate");
  }

  @Test
  void shouldNotSendToARetiredCandidate() {
    log.add(rolledBack(7));
    start();
    write(command(8, RolloutState.RETIRED, 0));
    awaitRevision(8);

    write(running(6, 5_000));
    awaitRead();

    assertThat(serving()).containsExactly("control");
    assertThat(rollout().variants()).containsOnlyKeys("control");
  }

  @Test
  void shouldNotSendToARetiredVariantWhereStartedWithoutKafka() {
    log.add(command(7, RolloutState.RETIRED, 10_000));
    start();
    stop();
    kafkaAway = true;

    start();

    assertThat(serving()).containsExactly("candidate");
    assertThat(rollout().control().name()).isEqualTo("candidate");
  }

  // --- the scene ---

  /** The variants that requests reach on this router now. */
  private List<String> serving() {
    Table table = tables().current();
    Rollout rollout = rollout();
    return rollout.assigner().split().variants().stream()
        .map(name -> rollout.variants().get(name))
        .map(variant -> table.removed("assistant", variant) ? rollout.control() : variant)
        .map(Variant::name)
        .distinct()
        .sorted()
        .toList();
  }

  private int slots(String variant) {
    return rollout().assigner().split().slices().stream()
        .filter(share -> share.variant().equals(variant))
        .mapToInt(share -> share.to() - share.from())
        .sum();
  }

  private Rollout rollout() {
    Rollout rollout = tables().current().rollout("assistant");
    assertThat(rollout).isNotNull();
    return rollout;
  }

  private RolloutTables tables() {
    Router running = router;
    if (running == null) {
      throw new AssertionError("not started");
    }
    return running.tables();
  }

  private void start() {
    TripFile file = new TripFile(folder.resolve("trips"));
    RolloutTables tables =
        new RolloutTables(
            new UnitHasher(new byte[16]),
            new Credentials(Map.of()),
            file,
            TripPolicy.DEFAULT,
            nanos::get);
    CommandFollower follower =
        new CommandFollower(
            this::connect,
            folder.resolve("commands.avro"),
            tables,
            Duration.ZERO,
            System::nanoTime);
    router = new Router(file, tables, follower);
    follower.start();
    follower.ready().orTimeout(30, TimeUnit.SECONDS).join();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
    tables().checkLeases();
  }

  private synchronized MockConsumer<String, Command> connect() {
    if (kafkaAway) {
      throw new KafkaException("no broker");
    }
    MockConsumer<String, Command> made = new MockConsumer<>("earliest");
    made.updatePartitions(
        LOG.topic(),
        List.of(new PartitionInfo(LOG.topic(), 0, Node.noNode(), new Node[0], new Node[0])));
    made.updateBeginningOffsets(Map.of(LOG, 0L));
    made.updateEndOffsets(Map.of(LOG, (long) log.size()));
    made.schedulePollTask(
        () -> {
          for (int offset = 0; offset < log.size(); offset++) {
            made.addRecord(record(offset, log.get(offset)));
          }
        });
    reading = made;
    read++;
    return made;
  }

  private void reconnect() {
    int before = read;
    MockConsumer<String, Command> consumer = reading;
    if (consumer == null) {
      throw new AssertionError("not started");
    }
    consumer.setPollException(new KafkaException("the connection is lost"));
    Awaiting.until(() -> read > before);
    awaitRead();
  }

  /** The controller writes. */
  private void write(@Nullable Command command) {
    log.add(command);
    MockConsumer<String, Command> consumer = reading;
    if (consumer == null) {
      throw new AssertionError("not started");
    }
    consumer.addRecord(record(log.size() - 1L, command));
  }

  @SuppressWarnings("NullAway") // Kafka's own classes do not say that a value may be null.
  private static ConsumerRecord<String, Command> record(long offset, @Nullable Command command) {
    return new ConsumerRecord<>(LOG.topic(), 0, offset, "assistant", command);
  }

  private void awaitRevision(long revision) {
    Awaiting.until(
        () -> {
          Rollout rollout = tables().current().rollout("assistant");
          return rollout != null && rollout.revision() >= revision;
        });
  }

  /** Waits until the follower has acted on all that is in the log. */
  private void awaitRead() {
    MockConsumer<String, Command> consumer = reading;
    if (consumer == null) {
      throw new AssertionError("not started");
    }
    Awaiting.until(() -> consumer.position(LOG) >= log.size());
    int[] polls = {0};
    consumer.schedulePollTask(() -> polls[0]++); // Polls again: what it read before is done.
    Awaiting.until(() -> polls[0] > 0);
  }

  private static Command running(long revision, int candidateSlots) {
    return command(revision, RolloutState.RUNNING, candidateSlots);
  }

  private static Command rolledBack(long revision) {
    return command(revision, RolloutState.ROLLED_BACK, 0);
  }

  private static Command failed(long revision) {
    return Command.newBuilder(command(revision, RolloutState.FAILED, 0))
        .setVariants(List.of(variant("control", VariantRole.CONTROL)))
        .build();
  }

  private static Command unservable(Command command, int variant) {
    command.getVariants().get(variant).setUrl("http://localhost:99999/v1");
    return command;
  }

  private static Command renewed(Command command, long secondsLater) {
    command.setIssuedAt(command.getIssuedAt().plusSeconds(secondsLater));
    return command;
  }

  private static Command command(long revision, RolloutState state, int candidateSlots) {
    return Command.newBuilder()
        .setRollout("assistant")
        .setRevision(revision)
        .setRun("run-1")
        .setState(state)
        .setStage(1)
        .setStageName("test")
        .setVariants(
            List.of(
                variant("control", VariantRole.CONTROL),
                variant("candidate", VariantRole.CANDIDATE)))
        .setSplit(split(candidateSlots))
        .setSalt("run-1")
        .setUnit(List.of("body:user"))
        .setDeadlines(new Deadlines(1, 1, 1, 1))
        .setLeaseMillis(LEASE.toMillis())
        .setCause("a test")
        .setIssuedAt(Instant.ofEpochSecond(1_700_000_000 + revision))
        .build();
  }

  private static VariantTarget variant(String name, VariantRole role) {
    return VariantTarget.newBuilder()
        .setName(name)
        .setRole(role)
        .setUrl("http://localhost:1/v1")
        .build();
  }

  private static List<Slice> split(int candidateSlots) {
    return switch (candidateSlots) {
      case 0 -> List.of(new Slice("control", 0, 10_000));
      case 10_000 -> List.of(new Slice("candidate", 0, 10_000));
      default ->
          List.of(
              new Slice("candidate", 0, candidateSlots),
              new Slice("control", candidateSlots, 10_000));
    };
  }
}
