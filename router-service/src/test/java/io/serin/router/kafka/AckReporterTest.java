package io.serin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.router.http.Appended;
import io.serin.router.journal.Awaiting;
import io.serin.router.journal.JournalStatus;
import io.serin.schemas.MovedConversations;
import io.serin.schemas.RefusedPart;
import io.serin.schemas.RouterAck;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AckReporterTest {

  private final List<MockProducer<String, RouterAck>> producers = new CopyOnWriteArrayList<>();
  private final AtomicLong dropped = new AtomicLong(3);
  private final AckReporter reporter =
      new AckReporter(
          this::producer,
          "router-1",
          "incarnation-1",
          new AckReporter.Source(
              () -> "http://127.0.0.1:8080",
              () -> Map.of("assistant", 4L),
              () ->
                  new AckReporter.TakenOut(
                      List.of("assistant/candidate"),
                      List.of("other"),
                      List.of("forced-here"),
                      List.of(new RefusedPart("assistant", 4L, "candidate", "env:KEY is not set")),
                      List.of(new MovedConversations("assistant", "run", "candidate", 20, 3, 1))),
              () -> new JournalStatus(10, 2_000, dropped.get(), 1, 1 << 20, 500),
              () -> 7),
          () -> Records.NOW);

  @AfterEach
  void close() {
    reporter.close();
  }

  @Test
  void shouldTellWhatTheRouterServes() {
    reporter.start();

    Awaiting.until(() -> !sent().isEmpty());

    ProducerRecord<String, RouterAck> record = sent().getFirst();
    assertThat(record.topic()).isEqualTo("serin.acks");
    assertThat(record.key()).isEqualTo("router-1");
    RouterAck ack = record.value();
    assertThat(ack.getIncarnation()).isEqualTo("incarnation-1");
    assertThat(ack.getRevisions()).isEqualTo(Map.of("assistant", 4L));
    assertThat(ack.getTrips()).containsExactly("assistant/candidate");
    assertThat(ack.getLapsed()).containsExactly("other");
    assertThat(ack.getForced()).containsExactly("forced-here");
    assertThat(ack.getRefused())
        .containsExactly(new RefusedPart("assistant", 4L, "candidate", "env:KEY is not set"));
    assertThat(ack.getMoved().getFirst().getOpen()).isEqualTo(20);
    assertThat(ack.getBacklog()).isEqualTo(10);
    assertThat(ack.getBacklogBytes()).isEqualTo(2_000);
    assertThat(ack.getDropped()).isEqualTo(3);
    assertThat(ack.getInFlight()).isEqualTo(7);
    assertThat(ack.getAt()).isEqualTo(Records.NOW);
  }

  @Test
  void shouldRaiseAnAlarmWhereEventsAreDropped() throws InterruptedException {
    try (Appended log = Appended.to(AckReporter.class)) {
      reporter.start();
      Awaiting.until(() -> sent().size() == 1);
      assertThat(log.lines()).isEmpty(); // Those of an earlier process.

      dropped.set(5);
      reporter.reportNow();
      log.await("events-dropped");
      reporter.reportNow();
      Awaiting.until(() -> sent().size() >= 3);

      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("dropped=\"2\"", "droppedInAll=\"5\"");
    }
  }

  @Test
  void shouldTellAgainEachSecondAndAtOnceWhenAsked() {
    reporter.start();
    Awaiting.until(() -> sent().size() == 1);

    long from = System.nanoTime();
    reporter.reportNow();
    Awaiting.until(() -> sent().size() == 2);
    assertThat(System.nanoTime() - from).isLessThan(900_000_000L);

    Awaiting.until(() -> sent().size() == 3);
  }

  @Test
  void shouldBeginAgainWithANewProducerAfterAFailure() {
    reporter.start();
    Awaiting.until(() -> sent().size() == 1);
    producers.getFirst().sendException = new KafkaException("fenced");

    Awaiting.until(() -> producers.size() == 2 && !sent().isEmpty());
  }

  private List<ProducerRecord<String, RouterAck>> sent() {
    return producers.isEmpty() ? List.of() : producers.getLast().history();
  }

  private MockProducer<String, RouterAck> producer() {
    MockProducer<String, RouterAck> producer =
        new MockProducer<>(true, null, new StringSerializer(), (_, _) -> new byte[0]);
    producers.add(producer);
    return producer;
  }
}
