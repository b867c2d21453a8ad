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
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates the topics of the catalogue that are missing, and checks those that are there. */
public final class TopicAdmin {

  private static final long TIMEOUT_SECONDS = 30;

  private TopicAdmin() {}

  /**
   * Makes sure that every topic exists with the wanted number of partitions. Any number of services
   * may call it at once.
   *
   * @param replication replicas of a new topic; −1 for the broker's default
   * @return the names of the topics that this call created
   * @throws IllegalStateException if a topic exists with another number of partitions
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
    for (Topic topic : Topics.all()) {
      TopicDescription found = existing.get(topic.name());
      if (found != null && found.partitions().size() != partitions.of(topic)) {
        throw new IllegalStateException(
            "topic "
                + topic.name()
                + " has "
                + found.partitions().size()
                + " partitions, the settings say "
                + partitions.of(topic)
                + ": start with --"
                + (topic.key() == Topic.Key.UNIT ? "unit" : "rollout")
                + "-partitions "
                + found.partitions().size());
      }
    }
    return created;
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
              } catch (TopicExistsException raced) {
                // Another service created it between our question and our wish: as good as ours.
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
