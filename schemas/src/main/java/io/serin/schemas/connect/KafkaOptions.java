package io.serin.schemas.connect;

import io.serin.schemas.serdes.AvroDeserializer;
import io.serin.schemas.serdes.AvroSerializer;
import io.serin.schemas.topics.Partitions;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options by which every command reaches Kafka and the registry; a picocli mixin. */
public final class KafkaOptions {

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  @Option(
      names = "--kafka",
      paramLabel = "HOST:PORT",
      description = "Kafka's brokers, separated by commas (SERIN_KAFKA; default ${DEFAULT-VALUE}).")
  private String kafka = "127.0.0.1:9092";

  @Option(
      names = "--registry",
      paramLabel = "URL",
      description =
          "The schema registry, as Confluent's API knows it (SERIN_REGISTRY; default"
              + " ${DEFAULT-VALUE}).")
  private String registry = "http://127.0.0.1:8081/apis/ccompat/v7";

  @Option(
      names = "--kafka-config",
      paramLabel = "FILE",
      description =
          "A properties file with settings for every Kafka client, such as security.protocol and"
              + " sasl.jaas.config; settings that begin with schema.registry., basic.auth. or"
              + " bearer.auth. go to the registry's client (SERIN_KAFKA_CONFIG).")
  private @Nullable Path kafkaConfig;

  @Option(
      names = "-X",
      paramLabel = "NAME=VALUE",
      description = "One such setting; wins over the file. May be given several times.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--serializer",
      paramLabel = "CLASS",
      description =
          "Class of the value serializer, such as"
              + " io.confluent.kafka.serializers.KafkaAvroSerializer (SERIN_SERIALIZER; default"
              + " ${DEFAULT-VALUE}).")
  private String serializer = AvroSerializer.class.getName();

  @Option(
      names = "--deserializer",
      paramLabel = "CLASS",
      description =
          "Class of the value deserializer (SERIN_DESERIALIZER; default ${DEFAULT-VALUE}).")
  private String deserializer = AvroDeserializer.class.getName();

  @Option(
      names = "--unit-partitions",
      paramLabel = "N",
      description =
          "Partitions of the topics keyed by unit; fixed once they exist (SERIN_UNIT_PARTITIONS;"
              + " default ${DEFAULT-VALUE}).")
  private int unitPartitions = KafkaConnection.DEFAULT_PARTITIONS.unit();

  @Option(
      names = "--rollout-partitions",
      paramLabel = "N",
      description =
          "Partitions of the topics keyed by rollout; fixed once they exist"
              + " (SERIN_ROLLOUT_PARTITIONS; default ${DEFAULT-VALUE}).")
  private int rolloutPartitions = KafkaConnection.DEFAULT_PARTITIONS.rollout();

  @Option(
      names = "--replication-factor",
      paramLabel = "N",
      description =
          "Replicas of the topics that Serin creates; -1 for the broker's default"
              + " (SERIN_REPLICATION_FACTOR; default ${DEFAULT-VALUE}).")
  private short replication = -1;

  /**
   * The connection that the options describe.
   *
   * @throws ParameterException if one of them is wrong, naming it, its value and the rule
   */
  public KafkaConnection connection() {
    Map<String, String> all = new HashMap<>(fromFile());
    all.putAll(settings);
    Map<String, String> client = new HashMap<>();
    Map<String, String> registryClient = new HashMap<>();
    all.forEach((name, value) -> (forRegistry(name) ? registryClient : client).put(name, value));
    try {
      return new KafkaConnection(
          checkedBrokers(kafka),
          checkedUrl(registry),
          client,
          registryClient,
          serializer,
          deserializer,
          new Partitions(unitPartitions, rolloutPartitions),
          replication);
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  /** The same options as arguments, for a child process. */
  public List<String> arguments() {
    KafkaConnection connection = connection();
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        List.of("--kafka", connection.bootstrap(), "--registry", connection.registryUrl()));
    if (kafkaConfig != null) {
      arguments.addAll(List.of("--kafka-config", kafkaConfig.toAbsolutePath().toString()));
    }
    settings.forEach((name, value) -> arguments.addAll(List.of("-X", name + "=" + value)));
    arguments.addAll(List.of("--serializer", serializer, "--deserializer", deserializer));
    arguments.addAll(List.of("--unit-partitions", Integer.toString(unitPartitions)));
    arguments.addAll(List.of("--rollout-partitions", Integer.toString(rolloutPartitions)));
    arguments.addAll(List.of("--replication-factor", Short.toString(replication)));
    return arguments;
  }

  private Map<String, String> fromFile() {
    if (kafkaConfig == null || kafkaConfig.toString().isEmpty()) {
      return Map.of();
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(kafkaConfig, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw wrong(
          "--kafka-config is \""
              + kafkaConfig
              + "\": it must be a properties file that can be read ("
              + e
              + ")");
    }
    Map<String, String> values = new HashMap<>();
    properties
        .stringPropertyNames()
        .forEach(name -> values.put(name, properties.getProperty(name)));
    return values;
  }

  private static boolean forRegistry(String name) {
    return name.startsWith("schema.registry.")
        || name.startsWith("basic.auth.")
        || name.startsWith("bearer.auth.")
        || name.equals("auto.register.schemas");
  }

  private static String checkedBrokers(String value) {
    for (String broker : value.split(",", -1)) {
      int colon = broker.lastIndexOf(':');
      if (colon < 1 || !broker.substring(colon + 1).matches("\\d{1,5}")) {
        throw new IllegalArgumentException(
            "--kafka is \"" + value + "\": each broker must be HOST:PORT");
      }
    }
    return value;
  }

  private static String checkedUrl(String value) {
    if (!value.matches("(https?|mock)://.+")) {
      throw new IllegalArgumentException(
          "--registry is \"" + value + "\": it must be a URL that starts with http:// or https://");
    }
    return value;
  }

  private ParameterException wrong(String message) {
    if (spec == null) {
      throw new IllegalArgumentException(message);
    }
    return new ParameterException(spec.commandLine(), message);
  }
}
