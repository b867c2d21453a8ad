package io.serin.analytics.measure;

import io.serin.schemas.connect.KafkaConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs {@link MeasureTopology}: the settings it needs to be exactly once and back within seconds of
 * a kill, and its life. The topics must exist before {@link #start}. Thread-safe.
 */
public final class MeasureApplication implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MeasureApplication.class);
  private static final Duration CLOSE = Duration.ofSeconds(10);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  /**
   * What one instance runs with.
   *
   * @param applicationId group, transactional ids and internal topics begin with it
   * @param instance name of this instance: fixed over restarts, unique in the group
   * @param stateDirectory where stores are kept between starts
   * @param threads 1 or more
   */
  public record Settings(String applicationId, String instance, Path stateDirectory, int threads) {
    public static final String DEFAULT_APPLICATION_ID = "serin-measure";

    public Settings {
      if (applicationId.isBlank()) {
        throw new IllegalArgumentException("applicationId is empty: it must name the group");
      }
      if (instance.isBlank()) {
        throw new IllegalArgumentException("instance is empty: it must name this instance");
      }
      if (threads < 1) {
        throw new IllegalArgumentException("threads is " + threads + ": it must be at least 1");
      }
    }

    /** One thread, under the default group. */
    public static Settings of(String instance, Path stateDirectory) {
      return new Settings(DEFAULT_APPLICATION_ID, instance, stateDirectory, 1);
    }
  }

  private final KafkaStreams streams;

  /** With the catalogue's topics and the standard parameters. */
  public MeasureApplication(KafkaConnection connection, Settings settings) {
    this(connection, settings, MeasureParameters.standard(connection.partitions().rollout()));
  }

  public MeasureApplication(
      KafkaConnection connection, Settings settings, MeasureParameters parameters) {
    this.streams =
        new KafkaStreams(
            MeasureTopology.build(
                MeasureTopics.catalogue(), MeasureSerdes.of(connection), parameters),
            properties(connection, settings));
    streams.setUncaughtExceptionHandler(MeasureApplication::afterFailure);
    streams.setStateListener(
        (now, before) ->
            LOG.atInfo()
                .addKeyValue("event", "measure.state")
                .addKeyValue("state", now)
                .addKeyValue("before", before)
                .log("measure changed state"));
  }

  /** The settings of Kafka Streams. */
  static Properties properties(KafkaConnection connection, Settings settings) {
    Properties properties = new Properties();
    properties.putAll(connection.clientConfig());
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, settings.applicationId());
    properties.put(
        StreamsConfig.CLIENT_ID_CONFIG, settings.applicationId() + "-" + settings.instance());
    properties.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateDirectory().toString());
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 200);
    properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, (int) connection.replication());
    properties.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic");
    properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    properties.put(
        StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, UnreadableRecords.class);
    consumer(properties, ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, settings.instance());
    consumer(properties, ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6_000);
    consumer(properties, ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 1_500);
    consumer(properties, ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), 10_000);
    properties.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "gzip");
    return properties;
  }

  public void start() {
    streams.start();
  }

  /** Whether every task that this instance owns is restored and running. */
  public boolean ready() {
    return streams.state() == KafkaStreams.State.RUNNING;
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
          .addKeyValue("event", "measure.close.timeout")
          .addKeyValue("seconds", CLOSE.toSeconds())
          .log("measure did not stop in time; the next start continues from its last commit");
    }
  }

  private static void consumer(Properties properties, String name, Object value) {
    properties.put(StreamsConfig.mainConsumerPrefix(name), value);
  }

  /** A thread that failed is replaced after a pause; an error of the JVM ends the instance. */
  private static StreamThreadExceptionResponse afterFailure(Throwable failure) {
    LOG.atError()
        .addKeyValue("event", "measure.thread.failed")
        .setCause(failure)
        .log("a thread of measure failed; its work since the last commit is done again");
    if (jvmError(failure)) {
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    LockSupport.parkNanos(PAUSE_AFTER_FAILURE.toNanos());
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  private static boolean jvmError(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof VirtualMachineError) {
        return true;
      }
    }
    return false;
  }
}
