package io.serin.schemas.topics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the topics of the catalogue that are missing, and checks those that are there. */
public final class TopicAdmin {

  private static final Logger LOG = LoggerFactory.getLogger(TopicAdmin.class);
  private static final long TIMEOUT_SECONDS = 30;

  private TopicAdmin() {}

  /**
   * Creates every missing topic and compares the others with the catalogue. Any number of services
   * may call it at once. Short retention and single replicas are logged as warnings.
   *
   * @param replication replicas of a new topic; −1 for the broker's default
   * @return the names of the topics that this call created
   * @throws IllegalStateException if a topic has other partitions, another cleanup policy or
   *     another timestamp type; one sentence a line
   * @throws KafkaException if the brokers cannot be asked
   */
  public static Set<String> ensure(Admin admin, Partitions partitions, short replication) {
    Map<String, TopicDescription> existing = describe(admin);
    List<NewTopic> missing = new ArrayList<>();
    for (Topic topic : Topics.all()) {
      if (!existing.containsKey(topic.name())) {
        missing.add(
            new NewTopic(
                    topic.name(),
                    Optional.of(partitions.of(topic)),
                    replication < 0 ? Optional.empty() : Optional.of(replication))
                .configs(topic.config()));
      }
    }
    Set<String> created = create(admin, missing);
    if (created.size() < missing.size()) {
      existing = describe(admin); // another service was faster
    }
    check(admin, partitions, existing);
    return created;
  }

  private static void check(
      Admin admin, Partitions partitions, Map<String, TopicDescription> existing) {
    Map<String, Map<String, String>> configs = configs(admin, existing.keySet());
    int brokers = get(admin.describeCluster().nodes()).size();
    List<String> errors = new ArrayList<>();
    for (Topic topic : Topics.all()) {
      TopicDescription found = existing.get(topic.name());
      if (found != null) {
        Map<String, String> config = configs.getOrDefault(topic.name(), Map.of());
        errors.addAll(
            TopicSettings.errors(topic, partitions.of(topic), found.partitions().size(), config));
        TopicSettings.warnings(
                topic, found.partitions().getFirst().replicas().size(), brokers, config)
            .forEach(
                sentence -> LOG.atWarn().addKeyValue("event", "topic.differs").log("{}", sentence));
      }
    }
    if (!errors.isEmpty()) {
      throw new IllegalStateException(String.join("\n", errors));
    }
  }

  /** The topics' effective settings; none where they may not be read. */
  private static Map<String, Map<String, String>> configs(Admin admin, Set<String> topics) {
    List<ConfigResource> resources =
        topics.stream().map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name)).toList();
    Map<String, Map<String, String>> configs = new HashMap<>();
    try {
      get(admin.describeConfigs(resources).all())
          .forEach(
              (resource, config) -> {
                Map<String, String> values = new HashMap<>();
                config.entries().forEach(entry -> values.put(entry.name(), entry.value()));
                configs.put(resource.name(), values);
              });
    } catch (AuthorizationException e) {
      LOG.atWarn()
          .addKeyValue("event", "topics.unchecked")
          .log(
              "the settings of Serin's topics may not be read; grant DESCRIBE_CONFIGS with the"
                  + " script of `serin topics acls`");
    }
    return configs;
  }

  private static Map<String, TopicDescription> describe(Admin admin) {
    Set<String> present = get(admin.listTopics().names());
    List<String> ours = Topics.all().stream().map(Topic::name).filter(present::contains).toList();
    return get(admin.describeTopics(ours).allTopicNames());
  }

  private static Set<String> create(Admin admin, List<NewTopic> missing) {
    Map<String, Boolean> created = new HashMap<>();
    admin
        .createTopics(missing)
        .values()
        .forEach(
            (name, future) -> {
              try {
                get(future);
                created.put(name, true);
              } catch (TopicAuthorizationException | ClusterAuthorizationException e) {
                throw new KafkaException(
                    "topic "
                        + name
                        + " does not exist and this principal may not create it; start analytics,"
                        + " which may, or run the script of `serin topics acls`",
                    e);
              } catch (TopicExistsException raced) {
                // Another service created it in the meantime.
              }
            });
    return Set.copyOf(created.keySet());
  }

  private static <T> T get(org.apache.kafka.common.KafkaFuture<T> future) {
    try {
      return future.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof KafkaException cause) {
        throw cause;
      }
      throw new KafkaException(e.getCause());
    } catch (TimeoutException e) {
      throw new KafkaException("Kafka did not answer within " + TIMEOUT_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while waiting for Kafka", e);
    }
  }
}
