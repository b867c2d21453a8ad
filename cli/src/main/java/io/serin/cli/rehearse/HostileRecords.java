package io.serin.cli.rehearse;

import io.serin.schemas.Command;
import io.serin.schemas.EventId;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RouterAck;
import io.serin.schemas.Slice;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topic;
import io.serin.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes records to Serin's topics that none of its services would write. For stacks that are
 * thrown away: compacted topics keep them. Each call blocks until the broker has the records.
 */
public final class HostileRecords {

  private static final Duration READ = Duration.ofSeconds(20);
  private static final Duration QUICK = Duration.ofMillis(500);
  private static final long NEWEST = 2_000;
  private static final byte[] GARBAGE = "no Avro at all".getBytes(StandardCharsets.UTF_8);

  private final KafkaConnection kafka;

  public HostileRecords(KafkaConnection kafka) {
    this.kafka = kafka;
  }

  /**
   * On every topic: garbage, a null and a record of a foreign type, under the rollout's own key,
   * under the key of a record that is there, and under a new key.
   */
  void poison(String rollout) {
    byte[] command = newest(Topics.COMMANDS, any -> true).value();
    byte[] request = newest(Topics.REQUESTS, any -> true).value();
    List<ProducerRecord<String, byte @Nullable []>> records = new ArrayList<>();
    for (Topic topic : Topics.all()) {
      byte[] foreign = topic.equals(Topics.COMMANDS) ? request : command;
      List<String> keys = new ArrayList<>(List.of(rollout, "poison-" + UUID.randomUUID()));
      find(topic, QUICK, any -> true).map(ConsumerRecord::key).ifPresent(keys::add);
      for (String key : keys) {
        records.add(new ProducerRecord<>(topic.name(), key, null));
        records.add(new ProducerRecord<>(topic.name(), key, foreign));
        records.add(new ProducerRecord<>(topic.name(), key, GARBAGE));
      }
    }
    send(records);
  }

  /** Requests of the rollout with numbers that cannot be. */
  void impossibleEvidence(String rollout) {
    RequestEvent genuine =
        (RequestEvent)
            decoded(
                Topics.REQUESTS,
                newest(Topics.REQUESTS, value -> ofRollout(value, rollout)).value());
    List<ProducerRecord<String, byte @Nullable []>> records = new ArrayList<>();
    try (Serializer<SpecificRecord> serializer = kafka.serializer()) {
      for (RequestEvent event : impossible(genuine, UUID.randomUUID().toString())) {
        records.add(
            new ProducerRecord<>(
                Topics.REQUESTS.name(),
                event.getUnit(),
                serializer.serialize(Topics.REQUESTS.name(), event)));
      }
    }
    send(records);
  }

  /** Events with impossible stages, times, splits, variants, numbers and ids. */
  static List<RequestEvent> impossible(RequestEvent genuine, String incarnation) {
    List<RequestEvent.Builder> builders = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      builders.add(
          RequestEvent.newBuilder(genuine)
              .setId(new EventId(incarnation, genuine.getId().getPartition(), (long) i))
              .setRequestId(incarnation + "-" + i)
              .setUnit(genuine.getUnit() + i));
    }
    builders.get(0).setStage(Integer.MAX_VALUE);
    builders.get(1).setStage(-1);
    builders.get(2).setStartedAt(Instant.ofEpochMilli(Long.MAX_VALUE));
    builders.get(3).setEndedAt(Instant.ofEpochMilli(Long.MIN_VALUE));
    builders.get(4).setSplit(List.of(new Slice("candidate", 9_000, -20)));
    builders.get(5).setAssignedVariant("").setServedVariant("nobody");
    builders.get(6).setAttempt(-1).setQueueMicros(Long.MIN_VALUE).setRequestBytes(-1);
    builders.get(8).getMeasurement().setDurationMicros(Long.MAX_VALUE);
    builders.get(9).getMeasurement().setDurationMicros(-1);
    builders.get(7).setId(new EventId(incarnation, -1, -5L));
    return builders.stream().map(RequestEvent.Builder::build).toList();
  }

  /**
   * Commands that no router and no controller can act on: of rollouts that do not exist, and of
   * this one with a revision after which there is none. A router that does not exist acknowledges
   * it.
   */
  void impossibleCommands(String rollout) {
    Command genuine =
        (Command)
            decoded(
                Topics.COMMANDS,
                newest(Topics.COMMANDS, value -> ofRollout(value, rollout)).value());
    List<ProducerRecord<String, byte @Nullable []>> records = new ArrayList<>();
    try (Serializer<SpecificRecord> serializer = kafka.serializer()) {
      for (Command command : impossible(genuine)) {
        records.add(
            new ProducerRecord<>(
                Topics.COMMANDS.name(),
                command.getRollout(),
                serializer.serialize(Topics.COMMANDS.name(), command)));
      }
      RouterAck ack =
          RouterAck.newBuilder(
                  (RouterAck) decoded(Topics.ACKS, newest(Topics.ACKS, v -> true).value()))
              .setRouter("router-of-nobody")
              .setRevisions(Map.of(rollout, Long.MAX_VALUE))
              .build();
      records.add(
          new ProducerRecord<>(
              Topics.ACKS.name(), ack.getRouter(), serializer.serialize(Topics.ACKS.name(), ack)));
    }
    send(records);
  }

  /** Commands without variants, with overlapping slices, with impossible numbers and names. */
  static List<Command> impossible(Command genuine) {
    String name = genuine.getRollout();
    return List.of(
        Command.newBuilder(genuine)
            .setRollout(name + "-nobody")
            .setVariants(List.of())
            .setSplit(List.of())
            .build(),
        Command.newBuilder(genuine)
            .setRollout(name + "-overlap")
            .setSplit(List.of(new Slice("candidate", -5, 20_000), new Slice("control", 0, 1)))
            .build(),
        Command.newBuilder(genuine)
            .setRollout(name + "-numbers")
            .setRevision(Long.MAX_VALUE)
            .setLeaseMillis(Long.MIN_VALUE)
            .setStage(Integer.MIN_VALUE)
            .setUnit(List.of("", "header:"))
            .setSalt("")
            .build(),
        Command.newBuilder(genuine).setRollout("").build(),
        Command.newBuilder(genuine).setRevision(Long.MAX_VALUE).build());
  }

  private static boolean ofRollout(SpecificRecord value, String rollout) {
    return switch (value) {
      case RequestEvent event -> event.getRollout().equals(rollout);
      case Command command -> command.getRollout().equals(rollout);
      default -> false;
    };
  }

  private void send(List<ProducerRecord<String, byte @Nullable []>> records) {
    try (KafkaProducer<String, byte @Nullable []> producer =
        new KafkaProducer<>(
            kafka.clientConfig(), new StringSerializer(), new ByteArraySerializer())) {
      List<Future<RecordMetadata>> sent = records.stream().map(producer::send).toList();
      producer.flush();
      for (Future<RecordMetadata> each : sent) {
        var unused = each.resultNow(); // throws where the broker refused it
      }
    }
  }

  private SpecificRecord decoded(Topic topic, byte[] value) {
    try (Deserializer<SpecificRecord> deserializer = kafka.deserializer()) {
      return deserializer.deserialize(topic.name(), value);
    }
  }

  private ConsumerRecord<String, byte[]> newest(Topic topic, Predicate<SpecificRecord> wanted) {
    return find(topic, READ, wanted)
        .orElseThrow(
            () -> new IllegalStateException("no record on " + topic.name() + " to imitate"));
  }

  /** One of the newest readable records of a topic that is as wanted; empty if there is none. */
  private Optional<ConsumerRecord<String, byte[]>> find(
      Topic topic, Duration bound, Predicate<SpecificRecord> wanted) {
    Map<String, Object> config = kafka.clientConfig();
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    try (KafkaConsumer<String, byte[]> consumer =
            new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
        Deserializer<SpecificRecord> deserializer = kafka.deserializer()) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic.name()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer
          .endOffsets(partitions)
          .forEach((partition, end) -> consumer.seek(partition, Math.max(0, end - NEWEST)));
      long deadline = System.nanoTime() + bound.toNanos();
      while (System.nanoTime() < deadline) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          if (readable(deserializer, record).filter(wanted).isPresent()) {
            return Optional.of(record);
          }
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<SpecificRecord> readable(
      Deserializer<SpecificRecord> deserializer, ConsumerRecord<String, byte[]> record) {
    if (record.value() == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(deserializer.deserialize(record.topic(), record.value()));
    } catch (RuntimeException e) {
      return Optional.empty(); // another cell's poison
    }
  }
}
