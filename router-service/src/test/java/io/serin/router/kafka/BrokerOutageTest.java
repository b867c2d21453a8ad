package io.serin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.router.journal.Awaiting;
import io.serin.router.ports.CommandTarget;
import io.serin.schemas.Command;
import io.serin.schemas.EventId;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RouterAck;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A real broker that is absent at the start, comes, goes and comes back. */
@SuppressWarnings("NullAway.Init") // Set by JUnit.
@Timeout(240)
class BrokerOutageTest {

  @TempDir private Path directory;
  private Broker broker;
  private KafkaConnection kafka;

  @BeforeEach
  void prepare() throws IOException {
    broker = new Broker(Files.createDirectories(directory.resolve("broker")));
    kafka = KafkaConnection.of(broker.bootstrap(), "mock://" + directory.getFileName());
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  /** Topics that were just created are where a pipelining producer gets stuck: this does not. */
  @Test
  void shouldPublishEveryEventInOrderThroughAbsentBrokers() throws IOException {
    EvidenceSettings settings = EvidenceSettings.of(directory.resolve("journal"), 64 << 20);
    try (TopicSetup topics = new TopicSetup(kafka);
        KafkaEvidence evidence =
            KafkaEvidence.open(kafka, settings, "router-1", InstantSource.system())) {
      serve(evidence, 0, 100);
      assertThat(evidence.journal().backlog()).isEqualTo(100);

      broker.start();
      topics.start();
      await(topics.done());
      Awaiting.until(() -> evidence.journal().backlog() == 0);

      broker.stop();
      serve(evidence, 100, 300);
      assertThat(evidence.journal().backlog()).isEqualTo(200);

      broker.start();
      Awaiting.until(() -> evidence.journal().backlog() == 0);
      assertThat(evidence.journal().dropped()).isZero();
      assertThat(evidence.publisher().unsendable()).isZero();
      verify(read(Topics.REQUESTS.name()), 300);
    }
  }

  /**
   * The controller writes commands in transactions. The broker holds a fetch back for half a second
   * where nothing comes: it must not hold back what was committed meanwhile.
   */
  @Test
  void shouldSeeACommandAsSoonAsItIsCommitted() throws Exception {
    broker.start();
    try (TopicSetup topics = new TopicSetup(kafka)) {
      topics.start();
      await(topics.done());
    }
    LinkedBlockingQueue<Long> adopted = new LinkedBlockingQueue<>();
    CommandTarget target =
        command -> {
          adopted.add(command.getRevision());
          return CompletableFuture.completedStage(null);
        };
    try (CommandFollower follower =
            new CommandFollower(
                kafka, directory.resolve("commands.avro"), target, Duration.ofSeconds(2));
        KafkaProducer<String, Command> producer =
            kafka.producer(Map.of(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "controller"))) {
      follower.start();
      follower.ready().get(20, TimeUnit.SECONDS);
      producer.initTransactions();
      List<Long> late = new ArrayList<>();
      for (long revision = 1; revision <= 15; revision++) {
        producer.beginTransaction();
        Future<RecordMetadata> sent =
            producer.send(
                new ProducerRecord<>(
                    "serin.commands", "assistant", Records.command("assistant", revision)));
        producer.commitTransaction();
        assertThat(sent).isDone();
        long committed = System.nanoTime();
        assertThat(adopted.poll(20, TimeUnit.SECONDS)).isEqualTo(revision);
        late.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - committed));
      }
      // Were commits seen only when the fetch times out, half of them were later than 250 ms.
      Collections.sort(late);
      assertThat(late.get(7)).as("milliseconds: %s", late).isLessThan(150);
    }
  }

  /**
   * Requests go on at a fixed rate while the broker is away, for as long as wanted: {@code
   * -Dserin.outage.seconds=600 -Dserin.outage.rate=200}.
   */
  @Test
  @EnabledIfSystemProperty(
      named = "serin.outage.seconds",
      matches = "[1-9][0-9]{0,3}",
      disabledReason = "takes as long as asked for: -Dserin.outage.seconds=600")
  @Timeout(12_000)
  void shouldLoseNothingAndHoldNobodyUpWhileTheBrokerIsAwayForLong() throws IOException {
    int rate = Integer.getInteger("serin.outage.rate", 200);
    int requests = rate * Integer.getInteger("serin.outage.seconds");
    EvidenceSettings settings = EvidenceSettings.of(directory.resolve("journal"), 1L << 30);
    broker.start();
    try (TopicSetup topics = new TopicSetup(kafka);
        KafkaEvidence evidence =
            KafkaEvidence.open(kafka, settings, "router-1", InstantSource.system())) {
      topics.start();
      await(topics.done());
      broker.stop();
      long[] nanos = new long[requests];
      long begun = System.nanoTime();

      for (int i = 0; i < requests; i++) {
        long due = begun + i * TimeUnit.SECONDS.toNanos(1) / rate;
        LockSupport.parkNanos(due - System.nanoTime());
        long from = System.nanoTime();
        serve(evidence, i, i + 1);
        nanos[i] = System.nanoTime() - from;
      }

      assertThat(evidence.journal().backlog()).isEqualTo(requests);
      long backlogBytes = evidence.journal().backlogBytes();
      long back = System.nanoTime();
      broker.start();
      Awaiting.until(() -> evidence.journal().backlog() == 0);
      Arrays.sort(nanos);
      System.out.printf(
          "outage: %d requests, %d bytes in the journal; evidence of a request took %.1f µs at p50,"
              + " %.1f at p99, %.1f at most; all published %.1f s after the broker's start%n",
          requests,
          backlogBytes,
          nanos[requests / 2] / 1e3,
          nanos[requests * 99 / 100] / 1e3,
          nanos[requests - 1] / 1e3,
          (System.nanoTime() - back) / 1e9);
      assertThat(evidence.journal().dropped()).isZero();
      assertThat(evidence.publisher().unsendable()).isZero();
      assertThat(nanos[requests * 99 / 100]).isLessThan(TimeUnit.MILLISECONDS.toNanos(20));
      verify(read(Topics.REQUESTS.name()), requests);
    }
  }

  @Test
  void shouldFollowCommandsAndAcknowledgeThem() throws IOException {
    broker.start();
    try (TopicSetup topics = new TopicSetup(kafka);
        KafkaProducer<String, Command> controller = kafka.producer(Map.of("linger.ms", 0));
        CommandFollower follower =
            new CommandFollower(
                kafka,
                directory.resolve("commands.avro"),
                _ -> CompletableFuture.completedStage(null),
                Duration.ofSeconds(60));
        AckReporter acks =
            new AckReporter(
                kafka,
                "router-1",
                new AckReporter.Source(
                    () -> "http://127.0.0.1:1",
                    follower::adopted,
                    () ->
                        new AckReporter.TakenOut(
                            List.of(), List.of(), List.of(), List.of(), List.of()),
                    () -> new io.serin.router.journal.JournalStatus(0, 0, 0, 0, 0, 0),
                    () -> 0),
                InstantSource.system())) {
      topics.start();
      await(topics.done());
      send(controller, Records.command("assistant", 1));
      follower.onAdopted(acks::reportNow);
      follower.start();
      acks.start();
      await(follower.ready());
      assertThat(follower.adopted()).containsEntry("assistant", 1L);

      for (long revision = 2; revision < 12; revision++) {
        long from = System.nanoTime();
        send(controller, Records.command("assistant", revision));
        long committed = System.nanoTime();
        long wanted = revision;
        Awaiting.until(() -> follower.adopted().getOrDefault("assistant", 0L) == wanted);
        System.out.printf(
            "command: %.1f ms to commit, adopted %.1f ms later%n",
            (committed - from) / 1e6, (System.nanoTime() - committed) / 1e6);
      }

      Awaiting.until(() -> lastAckedRevision() == 11);
    }
  }

  private static void serve(KafkaEvidence evidence, int from, int to) {
    for (int i = from; i < to; i++) {
      long ticket = evidence.begin(Records.request("request-" + i, "unit-" + i % 17));
      evidence.end(ticket, Records.request("request-" + i, "unit-" + i % 17));
    }
  }

  private void verify(List<ConsumerRecord<String, SpecificRecord>> records, int count) {
    Set<String> requests = new HashSet<>();
    Map<Integer, Long> next = new HashMap<>();
    for (ConsumerRecord<String, SpecificRecord> record : records) {
      RequestEvent event = (RequestEvent) record.value();
      EventId id = event.getId();
      assertThat(record.key()).isEqualTo(event.getUnit());
      assertThat(record.partition())
          .isEqualTo(id.getPartition())
          .isEqualTo(kafka.partitions().ofUnit(record.key()));
      long expected = next.getOrDefault(record.partition(), 0L);
      assertThat(id.getSequence()).as("in order, copies aside").isLessThanOrEqualTo(expected);
      next.put(record.partition(), Math.max(expected, id.getSequence() + 1));
      requests.add(event.getRequestId());
    }
    assertThat(requests).hasSize(count);
    assertThat(next.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(count);
  }

  private long lastAckedRevision() {
    return read(Topics.ACKS.name()).stream()
        .map(record -> (RouterAck) record.value())
        .mapToLong(ack -> ack.getRevisions().getOrDefault("assistant", 0L))
        .max()
        .orElse(0);
  }

  private List<ConsumerRecord<String, SpecificRecord>> read(String topic) {
    List<ConsumerRecord<String, SpecificRecord>> all = new ArrayList<>();
    try (KafkaConsumer<String, SpecificRecord> consumer = kafka.consumer(Map.of())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(all::add);
      }
    }
    return all;
  }

  private static void send(KafkaProducer<String, Command> producer, Command command) {
    try {
      producer
          .send(new ProducerRecord<>(Topics.COMMANDS.name(), command.getRollout(), command))
          .get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static void await(CompletableFuture<?> future) {
    future.orTimeout(60, TimeUnit.SECONDS).join();
  }
}
