package io.serin.schemas.start;

import io.serin.schemas.connect.KafkaConnection;
import io.serin.schemas.serdes.SchemaRegistry;
import io.serin.schemas.serdes.SchemaRegistryException;
import io.serin.schemas.topics.TopicAdmin;
import io.serin.schemas.topics.Topics;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Finds at start what would fail later: topics that differ from the catalogue, missing permissions,
 * refused credentials. Each finding is one sentence with the fix. Blocks; a Kafka that does not
 * answer is not a finding but a {@link KafkaException}, to be retried.
 */
public final class StartCheck {

  private static final long TIMEOUT_SECONDS = 30;

  private StartCheck() {}

  /**
   * Creates missing topics and checks the rest.
   *
   * @return the names of the topics that were created
   * @throws IllegalStateException with every finding, one a line: starting again does not help
   * @throws KafkaException if Kafka cannot be asked now
   */
  public static Set<String> run(KafkaConnection connection, Service service) {
    List<String> findings = new ArrayList<>();
    registry(connection).ifPresent(findings::add);
    Set<String> created = Set.of();
    try (Admin admin = connection.admin()) {
      try {
        created = TopicAdmin.ensure(admin, connection.partitions(), connection.replication());
      } catch (IllegalStateException e) {
        findings.add(String.valueOf(e.getMessage()));
      }
      findings.addAll(missing(admin, service));
    } catch (AuthenticationException e) {
      findings.add(
          "--kafka %s refused the credentials (%s); correct sasl.jaas.config or the key store in --kafka-config"
              .formatted(connection.bootstrap(), e.getMessage()));
    }
    if (!findings.isEmpty()) {
      throw new IllegalStateException(String.join("\n", findings));
    }
    return created;
  }

  /**
   * Whether the registry refuses this service. A registry that does not answer is waited for, not
   * reported.
   */
  public static Optional<String> registry(KafkaConnection connection) {
    Map<String, Object> config = new HashMap<>(connection.serdeConfig());
    config.put("schema.registry.retry.ms", "0");
    try {
      SchemaRegistry.of(config).check();
      return Optional.empty();
    } catch (SchemaRegistryException e) {
      return switch (e.status()) {
        case 401, 403 ->
            Optional.of(
                "--registry %s refused the credentials (%d); correct basic.auth.user.info or bearer.auth.token in --kafka-config"
                    .formatted(connection.registryUrl(), e.status()));
        case 404 ->
            Optional.of(
                "--registry %s is not a schema registry (404); give the URL of Confluent's API, such as http://HOST:8081/apis/ccompat/v7"
                    .formatted(connection.registryUrl()));
        default -> Optional.empty();
      };
    }
  }

  private static List<String> missing(Admin admin, Service service) {
    Map<String, Set<AclOperation>> granted = granted(admin);
    List<String> missing = new ArrayList<>();
    for (Permission need : service.needs()) {
      if (need.type() == ResourceType.TOPIC && need.pattern() == PatternType.LITERAL) {
        Set<AclOperation> lacking = EnumSet.copyOf(need.operations());
        Set<AclOperation> has = granted.get(need.name());
        if (has == null) {
          continue; // This broker does not say.
        }
        lacking.removeAll(has);
        lacking.forEach(operation -> missing.add(sentence(service, operation, need)));
      } else if (need.type() == ResourceType.TRANSACTIONAL_ID) {
        refused(admin.describeTransactions(List.of(need.name() + "check")).all())
            .ifPresent(_ -> missing.add(sentence(service, AclOperation.DESCRIBE, need)));
      } else if (need.type() == ResourceType.GROUP) {
        refused(admin.listConsumerGroupOffsets(need.name()).all())
            .ifPresent(_ -> missing.add(sentence(service, AclOperation.DESCRIBE, need)));
      }
    }
    return missing;
  }

  private static String sentence(Service service, AclOperation operation, Permission need) {
    return "the %s may not %s %s %s; grant it with the script of `serin topics acls`"
        .formatted(
            service.word(),
            operation,
            need.type().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '),
            need.name());
  }

  private static Map<String, Set<AclOperation>> granted(Admin admin) {
    Map<String, Set<AclOperation>> granted = new HashMap<>();
    admin
        .describeTopics(
            Topics.all().stream().map(topic -> topic.name()).toList(),
            new DescribeTopicsOptions().includeAuthorizedOperations(true))
        .topicNameValues()
        .forEach((name, future) -> operations(future).ifPresent(has -> granted.put(name, has)));
    return granted;
  }

  private static Optional<Set<AclOperation>> operations(KafkaFuture<TopicDescription> future) {
    try {
      return Optional.ofNullable(
          future.get(TIMEOUT_SECONDS, TimeUnit.SECONDS).authorizedOperations());
    } catch (ExecutionException e) {
      // A topic that may not even be described grants nothing.
      return e.getCause() instanceof AuthorizationException
          ? Optional.of(Set.of())
          : Optional.empty();
    } catch (TimeoutException e) {
      throw new KafkaException("Kafka did not answer within " + TIMEOUT_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while waiting for Kafka", e);
    }
  }

  /** The refusal, if the broker refuses to say; other failures, such as an unknown id, are none. */
  private static Optional<AuthorizationException> refused(KafkaFuture<?> future) {
    try {
      future.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      return Optional.empty();
    } catch (ExecutionException e) {
      return e.getCause() instanceof AuthorizationException refusal
          ? Optional.of(refusal)
          : Optional.empty();
    } catch (TimeoutException e) {
      throw new KafkaException("Kafka did not answer within " + TIMEOUT_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while waiting for Kafka", e);
    }
  }
}
