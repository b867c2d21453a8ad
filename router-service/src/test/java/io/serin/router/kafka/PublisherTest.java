package io.serin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.router.journal.Awaiting;
import io.serin.router.journal.Journal;
import io.serin.router.journal.JournalSettings;
import io.serin.router.journal.Payload;
import io.serin.schemas.EventId;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.serdes.SchemaRegistryException;
import io.serin.schemas.topics.Partitions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // Set by JUnit.
@Timeout(60)
class PublisherTest {

  @TempDir private Path directory;

  private final List<MockProducer<String, SpecificRecord>> producers = new CopyOnWriteArrayList<>();
  private final AtomicBoolean registryAway = new AtomicBoolean();
  private EventCodec codec;
  private Journal journal;
  private Publisher publisher;
  private volatile int topicPartitions = 4;

  @BeforeEach
  void open() throws IOException {
    codec = new EventCodec(directory.resolve("schemas"), InstantSource.system());
    journal =
        Journal.open(
            new JournalSettings(directory, 64 << 20, 1 << 20, 64 << 10),
            codec,
            InstantSource.system());
  }

  @AfterEach
  void close() throws IOException {
    if (publisher != null) {
      publisher.close(Duration.ZERO);
    }
    journal.close();
  }

  @Test
  void shouldSendInOrderToTheUnitsPartitionWithTheUnitAsKey() {
    append("a", 2);
    journal.append(codec.encode(Records.feedback("b", "unit-b"), 1));
    append("c", 2);

    start(true, 100);

    Awaiting.until(() -> sent().size() == 3);
    ProducerRecord<String, SpecificRecord> first = sent().getFirst();
    assertThat(first.topic()).isEqualTo("serin.requests");
    assertThat(first.partition()).isEqualTo(new Partitions(4, 1).ofUnit("unit-a"));
    assertThat(first.key()).isEqualTo("unit-a");
    assertThat(id(first).getPartition()).isEqualTo(2);
    assertThat(sent())
        .extracting(ProducerRecord::topic)
        .containsExactly("serin.requests", "serin.feedback", "serin.requests");
    assertThat(sent()).extracting(record -> id(record).getSequence()).containsExactly(0L, 0L, 1L);
    assertThat(id(sent().get(1)).getIncarnation())
        .isEqualTo(id(first).getIncarnation() + ".feedback");
    Awaiting.until(() -> journal.status().backlog() == 0);
  }

  @Test
  void shouldSendWhatIsAppendedWhileItSleeps() {
    start(true, 100);
    Awaiting.until(() -> !producers.isEmpty());
    Awaiting.pause(300); // Long enough for it to have gone to sleep; nothing depends on that.

    append("late", 0);

    Awaiting.until(() -> sent().size() == 1);
  }

  @Test
  void shouldSendAgainWhatKafkaDidNotAcknowledge() throws IOException {
    append("a", 0);
    append("b", 0);
    append("c", 0);
    start(false, 100);
    Awaiting.until(() -> sent().size() == 3);
    producers.getFirst().completeNext();
    Awaiting.until(() -> journal.status().backlog() == 2);
    publisher.close(Duration.ZERO);
    journal.close();
    producers.clear();

    open();
    start(true, 100);

    Awaiting.until(() -> journal.status().backlog() == 0);
    assertThat(requestIds()).containsExactly("b", "c");
    assertThat(sent()).extracting(record -> id(record).getSequence()).containsExactly(1L, 2L);
  }

  @Test
  void shouldBeginAgainWithANewProducerWhenOneFails() {
    append("a", 0);
    append("b", 0);
    start(false, 100);
    Awaiting.until(() -> sent().size() == 2);

    producers.getFirst().completeNext();
    producers.getFirst().errorNext(new TopicAuthorizationException("serin.requests"));

    Awaiting.until(() -> producers.size() == 2 && sent().size() == 1);
    assertThat(requestIds()).containsExactly("b");
    assertThat(publisher.status().restarts()).isEqualTo(1);
    assertThat(publisher.status().lastError()).contains("serin.requests");
    assertThat(producers.getFirst().closed()).isTrue();
    producers.getLast().completeNext();
    Awaiting.until(() -> journal.status().backlog() == 0 && publisher.status().lastError() == null);
  }

  @Test
  void shouldWaitForARegistryThatIsAway() {
    registryAway.set(true);
    append("a", 0);
    append("b", 1);
    start(true, 100);
    Awaiting.until(() -> publisher.status().restarts() >= 2);
    assertThat(journal.status().backlog()).isEqualTo(2);
    assertThat(publisher.status().oldestAgeMillis()).isNotNegative();

    registryAway.set(false);

    Awaiting.until(() -> journal.status().backlog() == 0);
    assertThat(requestIds()).containsExactly("a", "b");
    assertThat(publisher.status().unsendable()).isZero();
  }

  @Test
  void shouldPassOverAnEventThatKafkaWillNeverTake() {
    append("a", 0);
    append("too large", 0);
    append("c", 0);
    start(false, 100);
    Awaiting.until(() -> sent().size() == 3);

    producers.getFirst().completeNext();
    producers.getFirst().errorNext(new RecordTooLargeException("2 MB"));
    producers.getFirst().completeNext();

    Awaiting.until(() -> journal.status().backlog() == 0);
    assertThat(publisher.status().unsendable()).isEqualTo(1);
    assertThat(publisher.status().published()).isEqualTo(2);
    assertThat(publisher.status().restarts()).isZero();
  }

  @Test
  void shouldPassOverAnEventThatCannotBeRead() {
    append("a", 0);
    journal.append(Payload.of(RecordKind.REQUEST.code, 0, 4711, new byte[] {1, 2, 3}));
    journal.append(Payload.of(99, 0, 4711, new byte[] {1, 2, 3}));
    append("c", 0);

    start(true, 100);

    Awaiting.until(() -> journal.status().backlog() == 0);
    assertThat(requestIds()).containsExactly("a", "c");
    assertThat(publisher.status().unsendable()).isEqualTo(2);
  }

  @Test
  void shouldHoldABoundedNumberOfEventsInMemory() {
    for (int i = 0; i < 50; i++) {
      append("event " + i, 0);
    }
    start(false, 10);
    Awaiting.until(() -> sent().size() == 10);

    producers.getFirst().completeNext();

    Awaiting.until(() -> sent().size() == 11);
    assertThat(journal.status().backlog()).isEqualTo(49);
  }

  @Test
  void shouldPublishWhatIsThereBeforeItCloses() {
    start(true, 100);
    for (int i = 0; i < 1_000; i++) {
      append("event " + i, 0);
    }

    publisher.close(Duration.ofSeconds(20));

    assertThat(journal.status().backlog()).isZero();
    assertThat(sent()).hasSize(1_000);
  }

  @Test
  void shouldCloseInTimeWhereKafkaIsAway() {
    append("a", 0);
    registryAway.set(true);
    start(true, 100);

    long from = System.nanoTime();
    publisher.close(Duration.ofMillis(200));

    assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(6));
    assertThat(journal.status().backlog()).isEqualTo(1);
  }

  /** The journal was written under --unit-partitions 8; the topic has 4. */
  @Test
  void shouldSendWhatTheJournalHoldsToThePartitionsOfACorrectedSetting() {
    for (int i = 0; i < 40; i++) {
      append("event " + i, new Partitions(8, 1).ofUnit("unit-event " + i));
    }

    start(true, 100);

    Awaiting.until(() -> sent().size() == 40);
    assertThat(sent())
        .allSatisfy(
            record ->
                assertThat(record.partition())
                    .isEqualTo(new Partitions(4, 1).ofUnit(record.key())));
    assertThat(sent()).extracting(record -> id(record).getPartition()).contains(7);
    assertThat(publisher.status().unsendable()).isZero();
  }

  @Test
  void shouldKeepEventsWhileTheTopicHasAnotherNumberOfPartitions() {
    topicPartitions = 8;
    append("a", 0);

    start(true, 100);

    Awaiting.until(() -> publisher.status().lastError() != null);
    assertThat(publisher.status().lastError()).contains("restart with --unit-partitions 8");
    assertThat(sent()).isEmpty();
    assertThat(journal.status().backlog()).isEqualTo(1);
    topicPartitions = 4;
    Awaiting.until(() -> journal.status().backlog() == 0);
  }

  private void start(boolean acknowledging, int maxInFlight) {
    publisher =
        new Publisher(
            journal,
            codec,
            () -> producer(acknowledging),
            new Partitions(4, 1),
            false, // The tests look at what is sent.
            maxInFlight,
            InstantSource.system());
    publisher.start();
  }

  private MockProducer<String, SpecificRecord> producer(boolean acknowledging) {
    MockProducer<String, SpecificRecord> producer =
        new MockProducer<>(acknowledging, null, new StringSerializer(), (_, _) -> serialized()) {
          @Override
          public List<PartitionInfo> partitionsFor(String topic) {
            return IntStream.range(0, topicPartitions)
                .mapToObj(number -> new PartitionInfo(topic, number, null, null, null))
                .toList();
          }
        };
    producers.add(producer);
    return producer;
  }

  private byte[] serialized() {
    if (registryAway.get()) {
      throw new SchemaRegistryException("the registry cannot be reached", 0);
    }
    return new byte[0];
  }

  private void append(String requestId, int partition) {
    assertThat(
            journal.append(
                codec.encode(Records.request(requestId, "unit-" + requestId), partition)))
        .isTrue();
  }

  private List<ProducerRecord<String, SpecificRecord>> sent() {
    return producers.isEmpty() ? List.of() : producers.getLast().history();
  }

  private List<String> requestIds() {
    return sent().stream().map(record -> ((RequestEvent) record.value()).getRequestId()).toList();
  }

  private static EventId id(ProducerRecord<String, SpecificRecord> record) {
    return (EventId) record.value().get(0);
  }
}
