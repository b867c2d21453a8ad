package io.serin.analytics.decide;

import io.serin.analytics.controller.Decider;
import io.serin.analytics.streams.Deduplication;
import io.serin.analytics.streams.Faults;
import io.serin.analytics.streams.RecordsOf;
import io.serin.analytics.streams.StreamsApplication;
import io.serin.schemas.ActionRequest;
import io.serin.schemas.Command;
import io.serin.schemas.DecisionInput;
import io.serin.schemas.EventId;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.Observation;
import io.serin.schemas.PairObservation;
import io.serin.schemas.ProgressEvent;
import io.serin.schemas.Rating;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.RolloutEvent;
import io.serin.schemas.RouterAck;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.Verdict;
import io.serin.schemas.WantedRollout;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topic;
import io.serin.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.state.Stores;

/**
 * The decide topology: requests, those still running, and feedback by unit → duplicates out → the
 * first events of each unit → one repartition by rollout → judge and controller in one
 * sub-topology, which also reads files, actions and heartbeats. It never waits for a window.
 */
public final class DecideTopology {
  static final String COMMANDS_STORE = "commands";

  private static final String NAME = "decide";
  private static final Duration WAKE = Duration.ofMillis(200);
  private static final Duration COMMIT = Duration.ofMillis(50);

  private final KafkaConnection connection;
  private final UnitRetention retention;
  private final Faults faults;
  private final Decisions decisions;

  /** The topology that ships. */
  public DecideTopology(KafkaConnection connection, Faults faults) {
    this(connection, faults, UnitRetention.DEFAULT, Decider::step);
  }

  /**
   * @param retention of what is remembered of units
   * @param steps how a decider acts on an input
   */
  DecideTopology(
      KafkaConnection connection, Faults faults, UnitRetention retention, Decisions.Steps steps) {
    this.connection = connection;
    this.retention = retention;
    this.faults = faults;
    this.decisions = new Decisions(WAKE, faults, steps, connection.deserializer());
  }

  /** How the application runs: it commits often, since routers read what is committed. */
  public static StreamsApplication.Settings settings(String instance, Path stateDirectory) {
    return new StreamsApplication.Settings(NAME, instance, stateDirectory, COMMIT, "none");
  }

  /** The topology; the same in tests and production. */
  public Topology build() {
    Properties named = new Properties();
    named.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    StreamsBuilder builder = new StreamsBuilder();
    builder.globalTable(
        Topics.COMMANDS.name(),
        Consumed.with(Serdes.String(), Serdes.ByteArray()).withName("commands-found"),
        Materialized.<String, byte[]>as(Stores.persistentKeyValueStore(COMMANDS_STORE))
            .withKeySerde(Serdes.String())
            .withValueSerde(Serdes.ByteArray()));

    KStream<String, DecisionInput> inputs =
        observations(builder).merge(files(builder), Named.as("inputs-observations-files"));
    inputs = inputs.merge(actions(builder), Named.as("inputs-actions"));
    inputs = inputs.merge(pairs(builder), Named.as("inputs-pairs"));
    inputs = inputs.merge(heartbeats(builder), Named.as("inputs-heartbeats"));

    KStream<String, SpecificRecord> decided =
        inputs.process(decisions, Named.as("judge-and-controller"));
    to(decided, "inputs", DecisionInput.class, Topics.INPUTS.name());
    to(decided, "commands", Command.class, Topics.COMMANDS.name());
    to(decided, "verdicts", Verdict.class, Topics.VERDICTS.name());
    to(decided, "events", RolloutEvent.class, Topics.EVENTS.name());
    return builder.build(named);
  }

  /** These topics are keyed by unit with the same partitions: one task sees all of a unit. */
  private KStream<String, DecisionInput> observations(StreamsBuilder builder) {
    KStream<String, SpecificRecord> requests =
        once(builder, Topics.REQUESTS, "requests", RequestEvent.class, RequestEvent::getId);
    KStream<String, SpecificRecord> progress =
        once(builder, Topics.PROGRESS, "progress", ProgressEvent.class, ProgressEvent::getId);
    KStream<String, SpecificRecord> feedback =
        once(builder, Topics.FEEDBACK, "feedback", FeedbackEvent.class, FeedbackEvent::getId);
    KStream<String, SpecificRecord> first =
        requests
            .merge(progress, Named.as("unit-requests"))
            .merge(feedback, Named.as("unit-events"))
            .process(
                new FirstEventsProcessor(retention, faults, connection.deserializer()),
                Named.as("first-events"));
    return byRollout(first, "observations", Observation.class)
        .merge(byRollout(first, "ratings", Rating.class), Named.as("inputs-observations-ratings"));
  }

  /** The events of a topic, each once. */
  private <T extends SpecificRecord> KStream<String, SpecificRecord> once(
      StreamsBuilder builder, Topic topic, String name, Class<T> type, Function<T, EventId> id) {
    return builder.stream(
            topic.name(),
            Consumed.with(Serdes.String(), RecordsOf.events(connection, type)).withName(name))
        .processValues(new Deduplication<>(name + "-seen", id), Named.as(name + "-once"))
        .mapValues(event -> event, Named.as(name + "-events"));
  }

  private <T extends SpecificRecord> KStream<String, DecisionInput> byRollout(
      KStream<String, SpecificRecord> first, String name, Class<T> type) {
    return first
        .flatMapValues(
            value -> type.isInstance(value) ? List.of(type.cast(value)) : List.<T>of(),
            Named.as(name + "-of-units"))
        .repartition(
            Repartitioned.<String, T>as(name)
                .withKeySerde(Serdes.String())
                .withValueSerde(RecordsOf.events(connection, type))
                .withNumberOfPartitions(connection.partitions().rollout()))
        .mapValues((rollout, value) -> input(rollout, value), Named.as(name + "-input"));
  }

  private KStream<String, DecisionInput> pairs(StreamsBuilder builder) {
    return builder.stream(
            Topics.SHADOW_RESULTS.name(),
            Consumed.with(Serdes.String(), RecordsOf.events(connection, ShadowResult.class))
                .withName("shadow-results"))
        .process(new FirstPairs(), Named.as("first-pairs"))
        .repartition(
            Repartitioned.<String, PairObservation>as("pairs")
                .withKeySerde(Serdes.String())
                .withValueSerde(RecordsOf.events(connection, PairObservation.class))
                .withNumberOfPartitions(connection.partitions().rollout()))
        .mapValues((rollout, pair) -> input(rollout, pair), Named.as("pair-input"));
  }

  private KStream<String, DecisionInput> files(StreamsBuilder builder) {
    return builder.stream(
            Topics.ROLLOUTS.name(),
            Consumed.with(Serdes.String(), RecordsOf.states(connection, WantedRollout.class))
                .withName("rollouts"))
        .filter((rollout, wanted) -> wanted != null, Named.as("rollouts-present"))
        .mapValues((rollout, wanted) -> input(rollout, wanted), Named.as("rollout-input"));
  }

  private KStream<String, DecisionInput> actions(StreamsBuilder builder) {
    return builder.stream(
            Topics.ACTIONS.name(),
            Consumed.with(Serdes.String(), RecordsOf.events(connection, ActionRequest.class))
                .withName("actions"))
        // What is put under this name is for the control API: files applied later start paused.
        .filter(
            (rollout, action) -> !Topics.ALL_ROLLOUTS.equals(rollout), Named.as("actions-of-one"))
        .mapValues((rollout, action) -> input(rollout, action), Named.as("action-input"));
  }

  private KStream<String, DecisionInput> heartbeats(StreamsBuilder builder) {
    return builder.stream(
            Topics.ACKS.name(),
            Consumed.with(Serdes.String(), RecordsOf.states(connection, RouterAck.class))
                .withName("acks"))
        .filter((router, ack) -> ack != null, Named.as("acks-present"))
        .flatMap(
            (router, ack) ->
                ack.getRevisions().keySet().stream()
                    .sorted()
                    .map(rollout -> KeyValue.pair(rollout, ack))
                    .toList(),
            Named.as("acks-by-rollout"))
        .repartition(
            Repartitioned.<String, RouterAck>as("acks")
                .withKeySerde(Serdes.String())
                .withValueSerde(RecordsOf.events(connection, RouterAck.class))
                .withNumberOfPartitions(connection.partitions().rollout()))
        .mapValues((rollout, ack) -> input(rollout, ack), Named.as("ack-input"));
  }

  private <T extends SpecificRecord> void to(
      KStream<String, SpecificRecord> decided, String name, Class<T> type, String topic) {
    decided
        .flatMapValues(
            value -> type.isInstance(value) ? List.of(type.cast(value)) : List.<T>of(),
            Named.as(name + "-of-decisions"))
        .to(topic, Produced.with(Serdes.String(), this.<T>serde()).withName(name + "-out"));
  }

  /** Number and time are set where it is acted on. */
  private static DecisionInput input(String rollout, Object value) {
    return DecisionInput.newBuilder()
        .setRollout(rollout)
        .setNumber(0)
        .setAt(Instant.EPOCH)
        .setInput(value)
        .build();
  }

  private <T extends SpecificRecord> Serde<T> serde() {
    return connection.serde();
  }
}
