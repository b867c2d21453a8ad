package io.serin.analytics.measure;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.serin.analytics.streams.Faults;
import io.serin.analytics.streams.StreamsApplication;
import io.serin.schemas.Comparison;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.ShadowResult;
import io.serin.schemas.VariantMetrics;
import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.topics.Partitions;
import io.serin.schemas.topics.Topic;
import io.serin.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.jspecify.annotations.Nullable;

/** The topology as production builds it, on the test driver, with a clock that tests move. */
final class MeasureHarness implements AutoCloseable {
  private final TopologyTestDriver driver;
  private final TestInputTopic<String, RequestEvent> requests;
  private final TestInputTopic<String, FeedbackEvent> feedback;
  private final TestInputTopic<String, ShadowResult> shadowResults;
  private final TestOutputTopic<String, VariantMetrics> metrics;
  private final TestOutputTopic<String, Comparison> comparisons;
  private final List<VariantMetrics> told = new ArrayList<>();

  MeasureHarness(Path stateDirectory) {
    this(stateDirectory, MeasureParameters.standard(2));
  }

  final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  MeasureHarness(Path stateDirectory, MeasureParameters parameters) {
    KafkaConnection connection = connection();
    Properties properties =
        StreamsApplication.properties(
            connection, MeasureTopology.settings("test", stateDirectory), new Faults(meters));
    driver =
        new TopologyTestDriver(topology(parameters), properties, Attempts.NOON.minusSeconds(3_600));
    StringSerializer key = new StringSerializer();
    requests = driver.createInputTopic(Topics.REQUESTS.name(), key, connection.serializer());
    feedback = driver.createInputTopic(Topics.FEEDBACK.name(), key, connection.serializer());
    shadowResults =
        driver.createInputTopic(Topics.SHADOW_RESULTS.name(), key, connection.serializer());
    metrics =
        driver.createOutputTopic(
            Topics.METRICS.name(), new StringDeserializer(), connection.deserializer());
    comparisons =
        driver.createOutputTopic(
            Topics.COMPARISONS.name(), new StringDeserializer(), connection.deserializer());
  }

  static KafkaConnection connection() {
    KafkaConnection plain = KafkaConnection.of("localhost:1", "mock://measure");
    return new KafkaConnection(
        plain.bootstrap(),
        plain.registryUrl(),
        plain.client(),
        plain.registry(),
        plain.serializerClass(),
        plain.deserializerClass(),
        new Partitions(4, 2),
        (short) -1);
  }

  static Topology topology(MeasureParameters parameters) {
    return new MeasureTopology(connection(), parameters).build();
  }

  /** Appended to the topic the moment it ended. */
  void append(RequestEvent event) {
    append(event, event.getEndedAt());
  }

  void append(RequestEvent event, Instant appendedAt) {
    requests.pipeInput(event.getUnit(), event, appendedAt);
  }

  void append(FeedbackEvent event) {
    feedback.pipeInput(event.getUnit(), event, event.getReceivedAt());
  }

  void append(ShadowResult result) {
    shadowResults.pipeInput(result.getUnit(), result, result.getAt());
  }

  /** Puts bytes on a topic as they are. */
  void poison(Topic topic, byte @Nullable [] value) {
    driver
        .createInputTopic(topic.name(), new StringSerializer(), new ByteArraySerializer())
        .pipeInput("poison", value, Attempts.NOON);
  }

  /** Bytes of a record, as its producer would write them. */
  static byte[] bytes(Topic topic, SpecificRecord record) {
    return connection().serializer().serialize(topic.name(), record);
  }

  /** Lets the wall clock pass, and nothing else. */
  void pass(Duration time) {
    driver.advanceWallClockTime(time);
  }

  /** Long enough for all that was appended to be told. */
  void settle() {
    pass(Duration.ofMillis(250));
    pass(Duration.ofSeconds(1));
  }

  /** Everything told since the last call, in order. */
  List<VariantMetrics> newlyTold() {
    List<VariantMetrics> fresh = metrics.readValuesToList();
    told.addAll(fresh);
    return fresh;
  }

  /** The highest update of each window of a size. */
  List<VariantMetrics> standing(WindowSize size) {
    newlyTold();
    Map<List<Object>, VariantMetrics> highest = new LinkedHashMap<>();
    for (VariantMetrics line : told) {
      if (line.getWindowMillis() == size.millis()) {
        highest.merge(
            List.of(
                line.getRollout(),
                line.getRun(),
                line.getStage(),
                line.getVariant(),
                line.getWindowStart()),
            line,
            (a, b) -> a.getUpdate() > b.getUpdate() ? a : b);
      }
    }
    return List.copyOf(highest.values());
  }

  List<Comparison> comparisons() {
    return comparisons.readValuesToList();
  }

  @Override
  public void close() {
    driver.close();
  }
}
