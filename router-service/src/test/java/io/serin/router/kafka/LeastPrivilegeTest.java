package io.serin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.serin.schemas.Tick;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.start.Permission;
import io.serin.schemas.start.Service;
import io.serin.schemas.start.StartCheck;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The permissions of docs/security.md, on a real broker that obeys them over SASL_SSL. */
@SuppressWarnings({"NullAway.Init", "removal"}) // Set by JUnit; a group without a member.
@Timeout(180)
class LeastPrivilegeTest {

  @TempDir private static Path directory;
  private static SecureBroker broker;

  @BeforeAll
  static void start() throws Exception {
    broker = new SecureBroker(directory);
    List<AclBinding> all = new ArrayList<>();
    for (Service service : Service.values()) {
      for (Permission need : service.needs()) {
        all.addAll(need.bindings("User:" + service.word()));
      }
    }
    try (Admin admin = broker.as("admin").admin()) {
      admin.createAcls(all).all().get();
    }
    assertThat(StartCheck.run(broker.as("analytics"), Service.ANALYTICS)).isNotEmpty();
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void shouldLetEveryServiceStart() {
    assertThat(StartCheck.run(broker.as("router"), Service.ROUTER)).isEmpty();
    assertThat(StartCheck.run(broker.as("worker"), Service.WORKER)).isEmpty();
    assertThat(StartCheck.run(broker.as("analytics"), Service.ANALYTICS)).isEmpty();
  }

  @Test
  void shouldNameWhatAServiceMayNot() {
    assertThatThrownBy(() -> StartCheck.run(broker.as("router"), Service.ANALYTICS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the analytics may not WRITE topic serin.commands")
        .hasMessageContaining("group serin-decide")
        .hasMessageContaining("transactional id serin-control-")
        .hasMessageContaining("serin topics acls");
  }

  @Test
  void shouldNameTheSettingOfAWrongPassword() {
    assertThatThrownBy(() -> StartCheck.run(broker.withWrongPassword("router"), Service.ROUTER))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("refused the credentials")
        .hasMessageContaining("sasl.jaas.config");
  }

  @Test
  void shouldNotLetARouterCommandOrReadPrompts() {
    assertThatThrownBy(() -> write(broker.as("router"), "serin.commands"))
        .hasRootCauseInstanceOf(TopicAuthorizationException.class);
    try (var consumer = broker.as("router").consumer(Map.of())) {
      TopicPartition payloads = new TopicPartition("serin.payloads", 0);
      consumer.assign(List.of(payloads));
      consumer.seekToBeginning(List.of(payloads));
      assertThatThrownBy(() -> consumer.poll(Duration.ofSeconds(10)))
          .isInstanceOf(TopicAuthorizationException.class);
    }
  }

  @Test
  void shouldLetARouterPublishEvidence() throws Exception {
    write(broker.as("router"), "serin.requests");
  }

  @Test
  void shouldLetWorkerAndAnalyticsCommitTransactions() throws Exception {
    transact(
        broker.as("worker"),
        "serin-shadow-worker.assistant-w1",
        "serin.shadow-results",
        "serin-shadow-worker.assistant",
        "serin.payloads");
    transact(
        broker.as("analytics"),
        "serin-decide-0",
        "serin.commands",
        "serin-decide",
        "serin.requests");
    transact(
        broker.as("analytics"),
        "serin-control-1",
        "serin.rollouts",
        "serin-notify",
        "serin.events");
  }

  @Test
  void shouldLetAnalyticsPurgeItsRepartitionTopics() throws Exception {
    String topic = "serin-decide-observations-repartition";
    try (Admin admin = broker.as("analytics").admin()) {
      admin.createTopics(Set.of(new NewTopic(topic, 1, (short) 1))).all().get();
      write(broker.as("analytics"), topic);
      admin
          .deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(1)))
          .all()
          .get();
    }
    assertThat(Service.ANALYTICS.needs())
        .anyMatch(
            need ->
                topic.startsWith(need.name()) && need.operations().contains(AclOperation.DELETE));
  }

  private static void write(KafkaConnection connection, String topic) throws Exception {
    try (KafkaProducer<String, Tick> producer =
        connection.producer(Map.of(ProducerConfig.MAX_BLOCK_MS_CONFIG, 20_000))) {
      producer.send(new ProducerRecord<>(topic, "key", new Tick(Instant.EPOCH))).get();
    }
  }

  private static void transact(
      KafkaConnection connection, String id, String topic, String group, String read)
      throws Exception {
    try (KafkaProducer<String, Tick> producer =
        connection.producer(
            Map.of(
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                id,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                60_000))) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, "key", new Tick(Instant.EPOCH))).get();
      producer.sendOffsetsToTransaction(
          Map.of(new TopicPartition(read, 0), new OffsetAndMetadata(0)),
          new ConsumerGroupMetadata(group));
      producer.commitTransaction();
    }
  }
}
