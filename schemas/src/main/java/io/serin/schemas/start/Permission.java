package io.serin.schemas.start;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * What a service may do with one resource, or with all whose names begin alike.
 *
 * @param type TOPIC, GROUP or TRANSACTIONAL_ID
 * @param pattern LITERAL or PREFIXED
 */
public record Permission(
    ResourceType type, String name, PatternType pattern, Set<AclOperation> operations) {

  public Permission {
    operations = Set.copyOf(operations);
  }

  static Permission topic(String name, AclOperation... operations) {
    return new Permission(ResourceType.TOPIC, name, PatternType.LITERAL, Set.of(operations));
  }

  static Permission prefixed(ResourceType type, String prefix, AclOperation... operations) {
    return new Permission(type, prefix, PatternType.PREFIXED, Set.of(operations));
  }

  /** The same as Kafka's bindings, from any host. */
  public List<AclBinding> bindings(String principal) {
    return operations.stream()
        .sorted()
        .map(
            operation ->
                new AclBinding(
                    new ResourcePattern(type, name, pattern),
                    new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW)))
        .toList();
  }

  /** The same as a line of shell that calls kafka-acls.sh, with options in "${KAFKA_ACLS[@]}". */
  public String script(String principal) {
    String resource =
        switch (type) {
          case GROUP -> "--group";
          case TRANSACTIONAL_ID -> "--transactional-id";
          default -> "--topic";
        };
    return "\"${KAFKA_ACLS[@]}\" --add --allow-principal '%s' %s --resource-pattern-type %s %s '%s'"
        .formatted(
            principal,
            operations.stream()
                .sorted()
                .map(operation -> "--operation " + words(operation))
                .collect(Collectors.joining(" ")),
            pattern.name().toLowerCase(java.util.Locale.ROOT),
            resource,
            name);
  }

  /** As kafka-acls.sh names it: DescribeConfigs. */
  private static String words(AclOperation operation) {
    StringBuilder words = new StringBuilder();
    for (String word : operation.name().split("_")) {
      words.append(word.charAt(0)).append(word.substring(1).toLowerCase(java.util.Locale.ROOT));
    }
    return words.toString();
  }
}
