package io.serin.analytics.measure;

import io.serin.analytics.streams.Deduplication;
import io.serin.analytics.streams.RecordsOf;
import io.serin.analytics.streams.StreamsApplication;
import io.serin.schemas.Comparison;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.VariantMetrics;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Topic;
import io.serin.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The measure application as a function of topics, serdes and parameters.
 *
 * <pre>
 * requests ─▶ once ─▶ contributions ─┐
 * feedback ─▶ once ─▶ upsert ────────┴▶ sums by partition ─▶ by rollout ─▶ windows ─▶ metrics
 * shadow results ─▶ comparisons
 * </pre>
 *
 * <p>Exactly once from end to end: duplicates of the routers are removed by sequence, and all the
 * rest is one transaction a commit. Every processor, store and internal topic has a name, which is
 * part of the application's contract with its own state: docs of the module tell which change needs
 * a reset.
 */
public final class MeasureTopology {
  static final String SEEN_REQUESTS = "measure-seen-requests";
  static final String SEEN_FEEDBACK = "measure-seen-feedback";
  static final String FEEDBACK = "measure-feedback";
  static final String SUMS = "measure-sums";
  static final String BY_ROLLOUT = "measure-by-rollout";
  static final String WINDOWS = "measure-windows";
  static final String CHANGED = "measure-changed";
  static final String KEPT = "measure-kept";

  private static final String NAME = "measure";
  private static final Duration COMMIT = Duration.ofMillis(200);

  private final KafkaConnection connection;
  private final MeasureParameters parameters;

  /** The topology that ships. */
  public MeasureTopology(KafkaConnection connection) {
    this(connection, MeasureParameters.standard(connection.partitions().rollout()));
  }

  MeasureTopology(KafkaConnection connection, MeasureParameters parameters) {
    this.connection = connection;
    this.parameters = parameters;
  }

  /** How the application runs. */
  public static StreamsApplication.Settings settings(String instance, Path stateDirectory) {
    return new StreamsApplication.Settings(NAME, instance, stateDirectory, COMMIT, "gzip");
  }

  /** The topology; the same in tests and production. */
  public Topology build() {
    StreamsBuilder builder = new StreamsBuilder();
    stores(builder, parameters);
    KStream<String, Contribution> requests = requests(builder);
    KStream<String, Contribution> feedback = feedback(builder);
    requests
        .merge(feedback, Named.as("measure-contributions"))
        .process(
            () -> new HandOverProcessor(SUMS, parameters.handOver()),
            Named.as("measure-hand-over"),
            SUMS)
        .repartition(
            Repartitioned.<String, Contribution>as(BY_ROLLOUT)
                .withKeySerde(Serdes.String())
                .withValueSerde(MeasureState.contributions())
                .withNumberOfPartitions(parameters.rolloutPartitions()))
        .process(
            () ->
                new WindowsProcessor(
                    new WindowsProcessor.Stores(WINDOWS, CHANGED, KEPT), parameters),
            Named.as("measure-tell"),
            WINDOWS,
            CHANGED,
            KEPT)
        .to(
            Topics.METRICS.name(),
            Produced.with(Serdes.String(), connection.<VariantMetrics>serde())
                .withName("measure-metrics"));
    comparisons(builder);
    Properties naming = new Properties();
    naming.putAll(Map.of(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true));
    return builder.build(naming);
  }

  // Each topic has marks of its own: where topics share a journal's sequence, what the other topic
  // holds is a hole in this one that never fills.

  private KStream<String, Contribution> requests(StreamsBuilder builder) {
    return source(builder, Topics.REQUESTS, RequestEvent.class, "measure-requests")
        .processValues(
            new Deduplication<>(SEEN_REQUESTS, RequestEvent::getId),
            Named.as("measure-requests-once"))
        .processValues(ToContributions::new, Named.as("measure-requests-contributions"));
  }

  private KStream<String, Contribution> feedback(StreamsBuilder builder) {
    return source(builder, Topics.FEEDBACK, FeedbackEvent.class, "measure-feedback")
        .processValues(
            new Deduplication<>(SEEN_FEEDBACK, FeedbackEvent::getId),
            Named.as("measure-feedback-once"))
        .processValues(
            () -> new FeedbackProcessor(FEEDBACK, parameters.feedbackKeep()),
            Named.as("measure-feedback-upsert"),
            FEEDBACK);
  }

  private void comparisons(StreamsBuilder builder) {
    source(builder, Topics.SHADOW_RESULTS, ShadowResult.class, "measure-shadow-results")
        .flatMapValues(Comparisons::of, Named.as("measure-compare"))
        .to(
            Topics.COMPARISONS.name(),
            Produced.with(Serdes.String(), connection.<Comparison>serde())
                .withName("measure-comparisons"));
  }

  /** A topic by event time. */
  private <V extends SpecificRecord> KStream<String, V> source(
      StreamsBuilder builder, Topic topic, Class<V> type, String name) {
    return builder.stream(
        topic.name(),
        Consumed.with(Serdes.String(), RecordsOf.events(connection, type))
            .withTimestampExtractor(new EventTime())
            .withName(name));
  }

  private static void stores(StreamsBuilder builder, MeasureParameters parameters) {
    builder
        .addStateStore(
            Stores.windowStoreBuilder(
                    Stores.persistentWindowStore(
                        FEEDBACK, parameters.feedbackKeep(), parameters.feedbackKeep(), false),
                    Serdes.String(),
                    MeasureState.feedback())
                .withLoggingEnabled(Map.of()))
        .addStateStore(keyed(SUMS, MeasureState.keys(), MeasureState.aggregates()))
        .addStateStore(keyed(WINDOWS, MeasureState.keys(), MeasureState.windows()))
        .addStateStore(keyed(CHANGED, MeasureState.keys(), Serdes.ByteArray()))
        .addStateStore(keyed(KEPT, Serdes.String(), Serdes.Long()));
  }

  /** Persistent, with a changelog, written through a cache: one write a key and commit. */
  private static <K, V> StoreBuilder<?> keyed(String name, Serde<K> key, Serde<V> value) {
    KeyValueBytesStoreSupplier supplier = Stores.persistentKeyValueStore(name);
    return Stores.keyValueStoreBuilder(supplier, key, value)
        .withCachingEnabled()
        .withLoggingEnabled(Map.of());
  }

  /** An attempt to what it adds. */
  private static final class ToContributions
      extends ContextualFixedKeyProcessor<String, RequestEvent, Contribution> {
    @Override
    public void process(FixedKeyRecord<String, RequestEvent> record) {
      for (Contribution contribution : Contributions.of(record.value(), record.timestamp())) {
        context().forward(record.withValue(contribution));
      }
    }
  }
}
