package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.serin.analytics.notify.Notifier;
import io.serin.schemas.EventKind;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.WantedRollout;
import io.serin.schemas.topics.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks on a real broker and real sockets: one receiver hangs, the sender restarts. */
class WebhookLanesIT {

  private static final int EVENTS = 8;

  @Test
  void shouldRepeatNothingThatWasDeliveredWhileAnotherReceiverHangs(@TempDir Path data)
      throws Exception {
    try (ShadowBroker broker = ShadowBroker.start(data);
        Receiver chat = new Receiver();
        Receiver pager = new Receiver()) {
      pager.hang();
      try (KafkaProducer<String, SpecificRecord> producer = broker.kafka().producer(Map.of())) {
        send(producer, Topics.ROLLOUTS.name(), file(chat, pager));
        for (int i = 0; i < EVENTS; i++) {
          send(producer, Topics.EVENTS.name(), event(i));
        }
      }
      try (Notifier first = new Notifier(broker.kafka(), new SimpleMeterRegistry())) {
        first.start();
        Awaitility.await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(() -> assertThat(chat.ids).hasSize(EVENTS));
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(() -> assertThat(pager.ids).isNotEmpty());
      }
      pager.answer();
      try (Notifier second = new Notifier(broker.kafka(), new SimpleMeterRegistry())) {
        second.start();
        Awaitility.await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(() -> assertThat(List.copyOf(pager.answered)).hasSize(EVENTS));
      }

      assertThat(chat.ids).as("the receiver that answers").hasSize(EVENTS).doesNotHaveDuplicates();
      assertThat(pager.answered).as("the receiver that hung").doesNotHaveDuplicates();
    }
  }

  private static void send(
      KafkaProducer<String, SpecificRecord> producer, String topic, SpecificRecord value)
      throws Exception {
    producer.send(new ProducerRecord<>(topic, "assistant", value)).get(30, TimeUnit.SECONDS);
  }

  private static WantedRollout file(Receiver chat, Receiver pager) {
    return WantedRollout.newBuilder()
        .setRollout("assistant")
        .setRun("run-1")
        .setFile(
            """
            rollout: assistant
            variants:
              control:   {url: http://localhost:1/v1}
              candidate: {url: http://localhost:2/v1}
            notify:
              - {webhook: "%s", events: all}
              - {webhook: "%s", events: all}
            """
                .formatted(chat.url(), pager.url()))
        .setAppliedBy("ann")
        .setAppliedAt(Instant.now())
        .build();
  }

  private static RolloutEvent event(int number) {
    return RolloutEvent.newBuilder()
        .setRollout("assistant")
        .setRun("run-1")
        .setRevision(number)
        .setStage(0)
        .setStageName("5%")
        .setKind(EventKind.FLAGGED)
        .setAt(Instant.now())
        .setText("Flagged: number " + number + ".")
        .setDetails(Map.of())
        .build();
  }

  /** A receiver that can be made to hang. */
  private static final class Receiver implements AutoCloseable {
    /** Every delivery that arrived, and every one that was answered. */
    final List<String> ids = new CopyOnWriteArrayList<>();

    final List<String> answered = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    private volatile CountDownLatch answers = new CountDownLatch(0);

    Receiver() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      server.createContext(
          "/",
          exchange -> {
            String id = exchange.getRequestHeaders().getFirst("serin-delivery");
            ids.add(id);
            if (answers.getCount() > 0) {
              return; // Never answered.
            }
            answered.add(id);
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
          });
      server.start();
    }

    String url() {
      return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
    }

    void hang() {
      answers = new CountDownLatch(1);
    }

    void answer() {
      answers.countDown();
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }
}
