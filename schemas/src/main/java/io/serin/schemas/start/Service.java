package io.serin.schemas.start;

import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DELETE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.apache.kafka.common.resource.ResourceType.GROUP;
import static org.apache.kafka.common.resource.ResourceType.TOPIC;
import static org.apache.kafka.common.resource.ResourceType.TRANSACTIONAL_ID;

import io.serin.schemas.topics.Topic;
import io.serin.schemas.topics.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A service, and the least that it needs to be allowed. docs/security.md explains each. */
public enum Service {
  /** Writes evidence, reads commands. It cannot read payloads or write a command. */
  ROUTER(
      List.of(Topics.COMMANDS),
      List.of(Topics.REQUESTS, Topics.PROGRESS, Topics.PAYLOADS, Topics.FEEDBACK, Topics.ACKS),
      List.of(),
      List.of(),
      false),

  /** Reads payloads and commands, writes results. */
  WORKER(
      List.of(Topics.COMMANDS, Topics.PAYLOADS),
      List.of(Topics.SHADOW_RESULTS, Topics.SHADOW_EXAMPLES, Topics.DEAD_LETTERS, Topics.WORKERS),
      List.of("serin-shadow-worker"),
      List.of("serin-shadow-worker"),
      false),

  /** Reads evidence, writes everything that is decided. It cannot read payloads or examples. */
  ANALYTICS(
      List.of(
          Topics.REQUESTS,
          Topics.PROGRESS,
          Topics.FEEDBACK,
          Topics.SHADOW_RESULTS,
          Topics.ROLLOUTS,
          Topics.ACTIONS,
          Topics.ACKS,
          Topics.COMMANDS,
          Topics.EVENTS,
          Topics.VERDICTS),
      List.of(
          Topics.COMMANDS,
          Topics.INPUTS,
          Topics.VERDICTS,
          Topics.EVENTS,
          Topics.METRICS,
          Topics.COMPARISONS,
          Topics.ROLLOUTS,
          Topics.ACTIONS),
      List.of("serin-decide", "serin-measure", "serin-notify", "serin-aftermath"),
      List.of("serin-decide", "serin-measure", "serin-control-"),
      true);

  @SuppressWarnings("ImmutableEnumChecker") // List.copyOf
  private final List<Permission> needs;

  Service(
      List<Topic> reads,
      List<Topic> writes,
      List<String> groups,
      List<String> transactions,
      boolean owner) {
    List<Permission> all = new ArrayList<>();
    // The check at start asks for every topic of the catalogue: metadata only.
    all.add(
        owner
            ? Permission.prefixed(TOPIC, "serin.", CREATE, DESCRIBE, DESCRIBE_CONFIGS)
            : Permission.prefixed(TOPIC, "serin.", DESCRIBE, DESCRIBE_CONFIGS));
    reads.forEach(topic -> all.add(Permission.topic(topic.name(), READ)));
    writes.forEach(topic -> all.add(Permission.topic(topic.name(), WRITE)));
    groups.forEach(group -> all.add(Permission.prefixed(GROUP, group, READ, DESCRIBE)));
    transactions.forEach(
        prefix -> all.add(Permission.prefixed(TRANSACTIONAL_ID, prefix, WRITE, DESCRIBE)));
    if (owner) {
      // Repartition topics and changelogs of Kafka Streams, which purges what it has processed.
      for (String application : List.of("serin-decide-", "serin-measure-")) {
        all.add(
            Permission.prefixed(
                TOPIC, application, READ, WRITE, CREATE, DELETE, DESCRIBE, DESCRIBE_CONFIGS));
      }
    }
    needs = List.copyOf(all);
  }

  /** The least that the service needs. */
  public List<Permission> needs() {
    return needs;
  }

  /** In lower case, as in documents and options. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
