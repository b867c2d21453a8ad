package io.serin.schemas.connect;

import static io.serin.schemas.serdes.HttpSchemaRegistry.RETRY_CONFIG;

import io.serin.schemas.serdes.AvroDeserializer;
import io.serin.schemas.serdes.AvroSerializer;
import io.serin.schemas.serdes.AvroTrust;
import io.serin.schemas.serdes.SchemaRegistry;
import io.serin.schemas.topics.Partitions;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Utils;

/**
 * All that a service needs to reach Kafka and the schema registry. The one place where clients and
 * serdes are made, so that security settings and the serializer class are settings everywhere.
 *
 * @param bootstrap brokers, HOST:PORT, separated by commas
 * @param registryUrl of Confluent's API
 * @param client settings for every Kafka client (SASL, TLS …), as Kafka names them
 * @param registry settings for the registry's client, as Confluent's client names them
 * @param serializerClass class of the value serializer: Serin's own, or Confluent's
 *     KafkaAvroSerializer
 * @param deserializerClass class of the value deserializer
 * @param partitions of Serin's topics
 * @param replication replicas of topics that Serin creates; −1 for the broker's default
 */
public record KafkaConnection(
    String bootstrap,
    String registryUrl,
    Map<String, String> client,
    Map<String, String> registry,
    String serializerClass,
    String deserializerClass,
    Partitions partitions,
    short replication) {

  static {
    AvroTrust.ensure(); // for serializers of others
  }

  /** Readers wait for the registry themselves: one lookup may be short, in milliseconds. */
  private static final long READ_RETRY_MILLIS = 2_000;

  /** Partition counts of a small installation. */
  public static final Partitions DEFAULT_PARTITIONS = new Partitions(4, 2);

  public KafkaConnection {
    client = Map.copyOf(client);
    registry = Map.copyOf(registry);
  }

  /** Without security, with Serin's own serdes and the default partition counts. */
  public static KafkaConnection of(String bootstrap, String registryUrl) {
    return new KafkaConnection(
        bootstrap,
        registryUrl,
        Map.of(),
        Map.of(),
        AvroSerializer.class.getName(),
        AvroDeserializer.class.getName(),
        DEFAULT_PARTITIONS,
        (short) -1);
  }

  /** The settings that every Kafka client of this connection shares. */
  public Map<String, Object> clientConfig() {
    Map<String, Object> config = new HashMap<>(client);
    config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    return config;
  }

  /** The settings of the serdes. */
  public Map<String, Object> serdeConfig() {
    Map<String, Object> config = new HashMap<>(registry);
    config.put(SchemaRegistry.URL_CONFIG, registryUrl);
    config.put("specific.avro.reader", true);
    return config;
  }

  public Admin admin() {
    return Admin.create(clientConfig());
  }

  /**
   * A producer that is idempotent and waits for all replicas.
   *
   * @param overrides settings as Kafka names them
   */
  public <T extends SpecificRecord> KafkaProducer<String, T> producer(
      Map<String, Object> overrides) {
    Map<String, Object> config = clientConfig();
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    // With several requests in flight the first batches of a new partition may arrive out of order
    // and be refused for good.
    config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    config.putAll(overrides);
    return new KafkaProducer<>(config, new StringSerializer(), serializer());
  }

  /**
   * A consumer that reads committed records only and commits nothing by itself. Poll it through a
   * {@link io.serin.schemas.tail.RecordReader}, which decides what an unreadable record means.
   *
   * @param overrides settings as Kafka names them; group.id among them where one is wanted
   */
  public <T extends SpecificRecord> KafkaConsumer<String, T> consumer(
      Map<String, Object> overrides) {
    Map<String, Object> config = clientConfig();
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.putAll(overrides);
    return new KafkaConsumer<>(
        config, new StringDeserializer(), deserializer(Map.of(RETRY_CONFIG, READ_RETRY_MILLIS)));
  }

  /** Whether values are written by Serin's own serializer, which takes encoded records as well. */
  public boolean writesEncodedRecords() {
    return serializerClass.equals(AvroSerializer.class.getName());
  }

  /** A new, configured value serializer of the class that the settings name. */
  @SuppressWarnings("unchecked")
  public <T extends SpecificRecord> Serializer<T> serializer() {
    Serializer<T> made = instance("serializer", serializerClass, Serializer.class);
    made.configure(serdeConfig(), false);
    return made;
  }

  /**
   * A new, configured value deserializer of the class that the settings name. It refuses a record
   * of another type than the catalogue gives the topic.
   */
  public <T extends SpecificRecord> Deserializer<T> deserializer() {
    return deserializer(Map.of());
  }

  /** Both, for Kafka Streams: reading blocks while the registry is unavailable. */
  public <T extends SpecificRecord> Serde<T> serde() {
    return Serdes.serdeFrom(
        serializer(),
        new PatientDeserializer<>(deserializer(Map.of(RETRY_CONFIG, READ_RETRY_MILLIS))));
  }

  /**
   * @param defaults settings of the registry's client that the connection's own win over
   */
  @SuppressWarnings("unchecked")
  private <T extends SpecificRecord> Deserializer<T> deserializer(Map<String, Object> defaults) {
    Deserializer<T> made = instance("deserializer", deserializerClass, Deserializer.class);
    Map<String, Object> config = new HashMap<>(defaults);
    config.putAll(serdeConfig());
    made.configure(config, false);
    return new TypedDeserializer<>(made);
  }

  private static <T> T instance(String setting, String className, Class<T> type) {
    try {
      return type.cast(Utils.newInstance(className, type));
    } catch (ClassNotFoundException | ClassCastException | ConfigException e) {
      throw new IllegalArgumentException(
          setting
              + " is \""
              + className
              + "\": it must be a class on the class path that is a "
              + type.getName(),
          e);
    }
  }

  /** Without the settings' values: they hold passwords. */
  @Override
  public String toString() {
    return "KafkaConnection[bootstrap="
        + bootstrap
        + ", registry="
        + registryUrl
        + ", settings="
        + client.keySet()
        + "]";
  }
}
