package io.serin.analytics.streams;

import io.serin.schemas.connect.KafkaConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.Metric;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts, configures and watches one of analytics' topologies: exactly once, and back within
 * seconds of a kill. A thread that fails is replaced after a pause, within the bound of {@link
 * ThreadFailures}. The topics must exist before {@link #start}. Thread-safe.
 */
public final class StreamsApplication implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamsApplication.class);
  private static final Duration CLOSE = Duration.ofSeconds(10);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  /**
   * What one instance runs with.
   *
   * @param name of the application, such as "decide"; its group, transactional ids and internal
   *     topics begin with "serin-NAME"
   * @param instance name of this instance: fixed over restarts, unique in the group
   * @param stateDirectory where stores are kept between starts
   * @param commitInterval how long a result may wait for its transaction to end
   * @param compression of what it writes, as Kafka names it
   */
  public record Settings(
      String name,
      String instance,
      Path stateDirectory,
      Duration commitInterval,
      String compression) {
    public Settings {
      if (name.isBlank()) {
        throw new IllegalArgumentException("name is empty; it must name the application");
      }
      if (instance.isBlank()) {
        throw new IllegalArgumentException("instance is empty; it must name this instance");
      }
    }

    String applicationId() {
      return "serin-" + name;
    }
  }

  private final Settings settings;
  private final KafkaStreams streams;
  private final InstantSource clock;
  private final ThreadFailures failures = new ThreadFailures();
  private final LagWatch lag = new LagWatch();

  public StreamsApplication(
      Topology topology,
      KafkaConnection connection,
      Settings settings,
      Faults faults,
      InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
    this.streams = new KafkaStreams(topology, properties(connection, settings, faults));
    streams.setUncaughtExceptionHandler(this::afterFailure);
    streams.setStateListener(
        (now, before) ->
            LOG.atInfo()
                .addKeyValue("event", "streams.state")
                .addKeyValue("application", settings.name())
                .addKeyValue("state", now)
                .addKeyValue("before", before)
                .log("application changed state"));
  }

  /** The settings of Kafka Streams; tests drive their topologies with the same. */
  public static Properties properties(
      KafkaConnection connection, Settings settings, Faults faults) {
    Properties properties = new Properties();
    properties.putAll(connection.clientConfig());
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, settings.applicationId());
    properties.put(
        StreamsConfig.CLIENT_ID_CONFIG, settings.applicationId() + "-" + settings.instance());
    properties.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateDirectory().toString());
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, settings.commitInterval().toMillis());
    properties.put(StreamsConfig.POLL_MS_CONFIG, 20);
    properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, (int) connection.replication());
    properties.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic");
    properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    properties.put(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, SkipRecord.class);
    properties.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, SkipRecord.class);
    properties.put(Faults.CONFIG, faults);
    consumer(properties, ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, settings.instance());
    consumer(properties, ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6_000);
    consumer(properties, ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 1_500);
    consumer(properties, ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.ISOLATION_LEVEL_CONFIG), "read_committed");
    producer(properties, ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 10_000);
    producer(properties, ProducerConfig.LINGER_MS_CONFIG, 5);
    producer(properties, ProducerConfig.COMPRESSION_TYPE_CONFIG, settings.compression());
    return properties;
  }

  private static void consumer(Properties properties, String name, Object value) {
    properties.put(StreamsConfig.mainConsumerPrefix(name), value);
  }

  private static void producer(Properties properties, String name, Object value) {
    properties.put(StreamsConfig.producerPrefix(name), value);
  }

  public void start() {
    streams.start();
  }

  /**
   * Whether the application works: every task is restored and running, no thread failed within the
   * last ten seconds, and what it has yet to read does not grow.
   */
  public boolean ready() {
    long now = clock.millis();
    return streams.state() == KafkaStreams.State.RUNNING
        && failures.settled(now)
        && !lag.grows(now, this::recordsBehind);
  }

  /** Records that its consumers have yet to read, of the partition that is furthest behind. */
  private double recordsBehind() {
    double most = 0;
    for (Metric metric : streams.metrics().values()) {
      if (metric.metricName().name().equals("records-lag-max")
          && metric.metricValue() instanceof Double behind
          && !behind.isNaN()) {
        most = Math.max(most, behind);
      }
    }
    return most;
  }

  /** False once the application has failed for good or was closed. */
  public boolean alive() {
    return !streams.state().hasCompletedShutdown() && !streams.state().isShuttingDown();
  }

  /** For metrics; reading is safe at any time. */
  public KafkaStreams streams() {
    return streams;
  }

  /** Commits and leaves; waits up to 10 s. */
  @Override
  public void close() {
    if (!streams.close(CLOSE)) {
      LOG.atWarn()
          .addKeyValue("event", "streams.close.timeout")
          .addKeyValue("application", settings.name())
          .addKeyValue("seconds", CLOSE.toSeconds())
          .log("application did not stop in time; the next start continues from its last commit");
    }
  }

  private StreamThreadExceptionResponse afterFailure(Throwable failure) {
    boolean repeat = failures.mayRepeat(failure, clock.millis());
    LOG.atError()
        .addKeyValue("event", repeat ? "streams.thread.failed" : "streams.failed")
        .addKeyValue("application", settings.name())
        .setCause(failure)
        .log(
            repeat
                ? "thread failed; its work since the last commit is repeated"
                : "repeating does not help; the instance stops");
    if (!repeat) {
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    LockSupport.parkNanos(PAUSE_AFTER_FAILURE.toNanos());
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }
}
